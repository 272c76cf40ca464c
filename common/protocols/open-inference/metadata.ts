import type { Contract } from '../../contract/contract.ts';
import { featureKind } from '../../contract/features/features.ts';
import { type AnyOutputKind, type Outcome, outputKind } from '../../contract/outputs/outputs.ts';

type TensorMetadata = { name: string; datatype: string; shape: number[] };

/** How many rows there are is up to the caller. */
const ROWS = -1;

/** https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#model-metadata-response-json-object */
export type ModelMetadata = {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
};

/** An output of a model: a tensor of one element a prediction. */
export type ModelOutput = {
  name: string;
  datatype: string;
  read: (prediction: Outcome & { id: string }) => string | number;
};

/** Outputs of a model, in the order in which they are described. */
export function outputsOf({ tensors }: AnyOutputKind): ModelOutput[] {
  return [...tensors, { name: 'prediction_id', datatype: 'BYTES', read: ({ id }) => id }];
}

/** A model in the terms of the protocol: one tensor a feature. `versions` are those that may be asked for by number. */
export function describeModel({ name, features, output }: Contract, versions: string[]): ModelMetadata {
  return {
    name,
    versions,
    platform: 'onnx_onnxv1',
    inputs: features.map((feature) => {
      return { name: feature.name, datatype: featureKind(feature).openInference.datatype, shape: [ROWS] };
    }),
    outputs: outputsOf(outputKind(output)).map((it) => ({ name: it.name, datatype: it.datatype, shape: [ROWS] })),
  };
}

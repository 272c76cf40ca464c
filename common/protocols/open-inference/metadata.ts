import type { Contract } from '../../contract/contract.ts';

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

/** Outputs of a model, in the order in which they are described. */
export const OUTPUTS = {
  label: 'BYTES',
  probability: 'FP64',
  risk: 'BYTES',
  threshold: 'FP64',
  prediction_id: 'BYTES',
} as const;
export type OutputName = keyof typeof OUTPUTS;

export function isOutput(name: string): name is OutputName {
  return Object.hasOwn(OUTPUTS, name);
}

/** A model in the terms of the protocol: one tensor a feature. `versions` are those that may be asked for by number. */
export function describeModel({ name, features }: Contract, versions: string[]): ModelMetadata {
  return {
    name,
    versions,
    platform: 'onnx_onnxv1',
    inputs: features.map((feature) => ({ name: feature.name, datatype: DATATYPE[feature.type], shape: [ROWS] })),
    outputs: Object.entries(OUTPUTS).map(([output, datatype]) => ({ name: output, datatype, shape: [ROWS] })),
  };
}

const DATATYPE = { category: 'BYTES', integer: 'INT64', number: 'FP64' } as const;

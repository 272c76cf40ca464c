import type { Recorded } from '../../api/answers.ts';
import { concat } from '../../bytes.ts';
import type { AnsweredPrediction } from '../../history/prediction.ts';
import type { InferRequest } from './infer-request.ts';
import type { ModelOutput } from './metadata.ts';
import { quote, Refusal } from './refusal.ts';

/** An output that is wanted, as binary data or as JSON. */
export type WantedOutput = ModelOutput & { isBinary: boolean };

type Made = { prediction: AnsweredPrediction; recorded: Recorded };
type EncodeText = (text: string) => Uint8Array;

type Output = {
  name: string;
  datatype: string;
  shape: [rows: number];
  data?: (string | number)[];
  parameters?: { binary_data_size: number };
};

/** https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference-response-json-object */
export type InferAnswer = {
  model_name: string;
  model_version: string;
  id?: string;
  /** Whether the predictions will be kept; `failed` if one of them will not. */
  parameters: { recorded: Recorded };
  outputs: Output[];
};

/** The `known` outputs that a request asks for; all of them where it names none. */
export function readOutputs(
  { outputs, parameters }: InferRequest,
  known: readonly ModelOutput[],
): WantedOutput[] | Refusal {
  const isBinary = parameters?.binary_data_output ?? false;
  if (!outputs || outputs.length === 0) return known.map((output) => ({ ...output, isBinary }));
  const wanted = new Map<string, WantedOutput>();
  for (const { name, parameters: own } of outputs) {
    const output = known.find((it) => it.name === name);
    if (!output)
      return new Refusal(`There is no output ${quote(name)}; there are ${known.map((it) => it.name).join(', ')}.`);
    if (wanted.has(name)) return new Refusal(`The output ${quote(name)} is asked for twice.`);
    wanted.set(name, { ...output, isBinary: own?.binary_data ?? isBinary });
  }
  return [...wanted.values()];
}

/**
 * The answer about the predictions of one model, one or more: a JSON object, and the data of its binary outputs in their order.
 */
export function toInferAnswer(
  made: readonly [Made, ...Made[]],
  wanted: readonly WantedOutput[],
  id: string | null,
  encodeText: EncodeText,
): { json: InferAnswer; binary: Uint8Array[] } {
  const [{ prediction }] = made;
  const binary: Uint8Array[] = [];
  const outputs = wanted.map(({ name, datatype, read, isBinary }): Output => {
    const data = made.map((it) => read(it.prediction));
    const output = { name, datatype, shape: [data.length] satisfies [number] };
    if (!isBinary) return { ...output, data };
    const bytes = concat(data.map((value) => toBinary(value, encodeText)));
    binary.push(bytes);
    return { ...output, parameters: { binary_data_size: bytes.byteLength } };
  });
  return {
    json: {
      model_name: prediction.model.name,
      model_version: prediction.model.version,
      ...(id !== null && { id }),
      parameters: { recorded: made.find(({ recorded }) => recorded === 'failed')?.recorded ?? made[0].recorded },
      outputs,
    },
    binary,
  };
}

/** A text after its length in 4 bytes, or a number as FP64; both in little-endian order. */
function toBinary(value: string | number, encodeText: EncodeText): Uint8Array {
  if (typeof value === 'number') {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return bytes;
  }
  const text = encodeText(value);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.byteLength, true);
  return concat([length, text]);
}

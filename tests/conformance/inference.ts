import * as z from 'zod';
import { type Answer, toJson } from './exchange.ts';
import { type Datatype, HEADER_LENGTH, InferAnswer, type Value } from './protocol.ts';
import { countOf, fromBinary } from './tensors.ts';

/** An output of an answer, wherever its data was. */
export type Output = { name: string; datatype: Datatype; shape: number[]; data: Value[]; isBinary: boolean };
export type Inference = { modelName: string; modelVersion: string | null; id: string | null; outputs: Output[] };

/** Reads the answer to an inference request; returns what is wrong with it, where it is none. */
export function readInference(answer: Answer): Inference | string {
  const header = answer.headers.get(HEADER_LENGTH);
  if (header !== null && !/^\d+$/.test(header)) return `${HEADER_LENGTH} is "${header}"`;
  const length = header === null ? answer.body.byteLength : Number(header);
  if (length > answer.body.byteLength) return `${HEADER_LENGTH} is ${length} of ${answer.body.byteLength} bytes`;
  const parsed = InferAnswer.safeParse(toJson({ ...answer, body: answer.body.subarray(0, length) }));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { model_name, model_version, id, outputs } = parsed.data;
  const read = readOutputs(outputs, answer.body.subarray(length));
  if (typeof read === 'string') return read;
  return { modelName: model_name, modelVersion: model_version ?? null, id: id ?? null, outputs: read };
}

function readOutputs(outputs: InferAnswer['outputs'], binary: Uint8Array): Output[] | string {
  const read: Output[] = [];
  let rest = binary;
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size ?? null;
    const data = readData(output, rest.subarray(0, size ?? 0));
    if (typeof data === 'string') return `output "${output.name}" ${data}`;
    rest = rest.subarray(size ?? 0);
    const { name, datatype, shape } = output;
    read.push({ name, datatype, shape, data, isBinary: size !== null });
  }
  return rest.byteLength === 0 ? read : `${rest.byteLength} bytes belong to no output`;
}

/** The elements of an output whose binary data, if it has any, is `bytes`; or what is wrong with it. */
function readData(
  { datatype, shape, parameters, data }: InferAnswer['outputs'][number],
  bytes: Uint8Array,
): Value[] | string {
  const size = parameters?.binary_data_size ?? null;
  if ((size === null) === !data) return `has ${data ? 'both' : 'neither'} "data" and "binary_data_size"`;
  if (size !== null && bytes.byteLength < size) return 'has fewer bytes than it says';
  const values = data ?? fromBinary(datatype, bytes);
  if (!values) return 'has binary data that is not whole';
  return values.length === countOf(shape)
    ? values
    : `has ${values.length} elements for the shape [${shape.join(', ')}]`;
}

/** How far floats may be apart that are to be the same. */
const TOLERANCE = 1e-6;

/** The first difference between two outputs, JSON or binary; null where they are equal. */
export function differenceOf(expected: Pick<Output, 'name' | 'data'>, actual: Pick<Output, 'data'>): string | null {
  const at = expected.data.findIndex((value, i) => !isSame(value, actual.data[i]));
  if (at === -1 && expected.data.length === actual.data.length) return null;
  const [wanted, got] = [expected, actual].map(({ data }) => JSON.stringify(at === -1 ? data : data[at]));
  return `output "${expected.name}" is ${got}, not ${wanted}`;
}

function isSame(expected: Value, actual: Value | undefined): boolean {
  return typeof expected === 'number' && typeof actual === 'number'
    ? Math.abs(expected - actual) <= TOLERANCE
    : expected === actual;
}

import type { Contract } from '../contract/contract.ts';

/** A tensor as a test describes it; its data goes as JSON, or after it as binary data. */
export type TestTensor = {
  name: string;
  datatype: string;
  shape: number[];
  /** Null is NaN in binary data. */
  values: readonly (string | number | bigint | boolean | null)[];
  isBinary?: boolean;
};

export type TestRequest = { inputs: TestTensor[] } & Record<string, unknown>;

/** The tensors that records are: one a feature, in the datatypes that the metadata states. */
export function toTensors(
  { features }: Contract,
  records: readonly Record<string, unknown>[],
  { isBinary = false, shape = [records.length] }: { isBinary?: boolean; shape?: number[] } = {},
): TestTensor[] {
  const datatypes = { boolean: 'BOOL', category: 'BYTES', integer: 'INT64', number: 'FP64' };
  return features.map(({ name, type }) => ({
    name,
    datatype: datatypes[type],
    shape,
    values: records.map((record) => scalar(record[name])),
    isBinary,
  }));
}

/** The tensors that records are as the graph's own inputs, in row-major order. */
export function toGraphTensors({ graph }: Contract, records: readonly Record<string, unknown>[]): TestTensor[] {
  const datatypes = { string: 'BYTES', float32: 'FP32', float64: 'FP64', int32: 'INT32', int64: 'INT64', bool: 'BOOL' };
  return graph.inputs.map(({ name, type, features }) => ({
    name,
    datatype: datatypes[type],
    shape: [records.length, features.length],
    values: records.flatMap((record) => features.map((feature) => scalar(record[feature]))),
  }));
}

/** A request as bytes; `headerLength` is null where it has no binary data. */
export function encodeRequest({ inputs, ...rest }: TestRequest): {
  body: Uint8Array<ArrayBuffer>;
  headerLength: number | null;
} {
  const binary = inputs.map((tensor) => (tensor.isBinary ? encodeTensor(tensor) : null));
  const json = JSON.stringify({
    ...rest,
    inputs: inputs.map(({ name, datatype, shape, values }, i) => ({
      name,
      datatype,
      shape,
      ...(binary[i] ? { parameters: { binary_data_size: binary[i].length } } : { data: values }),
    })),
  });
  const header = [...new TextEncoder().encode(json)];
  const hasBinary = binary.some((bytes) => bytes !== null);
  return {
    body: Uint8Array.from([...header, ...binary.flatMap((bytes) => bytes ?? [])]),
    headerLength: hasBinary ? header.length : null,
  };
}

const WRITERS: Record<string, [bytes: number, write: (view: DataView, value: number | bigint) => void]> = {
  BOOL: [1, (view, value) => view.setUint8(0, Number(value))],
  UINT8: [1, (view, value) => view.setUint8(0, Number(value))],
  UINT16: [2, (view, value) => view.setUint16(0, Number(value), true)],
  UINT32: [4, (view, value) => view.setUint32(0, Number(value), true)],
  UINT64: [8, (view, value) => view.setBigUint64(0, BigInt(value), true)],
  INT8: [1, (view, value) => view.setInt8(0, Number(value))],
  INT16: [2, (view, value) => view.setInt16(0, Number(value), true)],
  INT32: [4, (view, value) => view.setInt32(0, Number(value), true)],
  INT64: [8, (view, value) => view.setBigInt64(0, BigInt(value), true)],
  FP16: [2, (view, value) => view.setUint16(0, float16Of(Number(value)), true)],
  FP32: [4, (view, value) => view.setFloat32(0, Number(value), true)],
  FP64: [8, (view, value) => view.setFloat64(0, Number(value), true)],
};

function encodeTensor({ datatype, values }: Pick<TestTensor, 'datatype' | 'values'>): number[] {
  return values.flatMap((value) => {
    if (datatype === 'BYTES') {
      const text = new TextEncoder().encode(String(value));
      return [...encodeNumber('UINT32', text.byteLength), ...text];
    }
    return encodeNumber(datatype, typeof value === 'bigint' ? value : value === null ? Number.NaN : Number(value));
  });
}

function encodeNumber(datatype: string, value: number | bigint): number[] {
  const [bytes, write] = WRITERS[datatype] ?? fail(`no datatype ${datatype}`);
  const view = new DataView(new ArrayBuffer(bytes));
  write(view, value);
  return [...new Uint8Array(view.buffer)];
}

/** The bits of a number as half precision has it. The number must be one of them. */
function float16Of(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  if (!Number.isFinite(value)) return sign + 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
  const fraction = Math.abs(value) / 2 ** (exponent - 10);
  if (!Number.isInteger(fraction) || fraction > 0x7ff) fail(`FP16 cannot hold ${value}`);
  // A fraction of less than eleven bits has no exponent of its own: the number is subnormal, or zero.
  return sign + (fraction < 0x400 ? fraction : ((exponent + 15) << 10) + fraction - 0x400);
}

function scalar(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return fail(`${value} is no value of a tensor`);
}

function fail(message: string): never {
  throw new Error(message);
}

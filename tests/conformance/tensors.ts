import { concat } from '../../common/bytes.ts';
import type { Datatype, Value } from './protocol.ts';

/** A tensor with its elements row by row. */
export type Tensor = { name: string; datatype: Datatype; shape: number[]; data: Value[] };

type Fixed = {
  bytes: number;
  write(view: DataView, at: number, value: number): void;
  read(view: DataView, at: number): number;
};

const FIXED: Record<Exclude<Datatype, 'BYTES'>, Fixed> = {
  BOOL: { bytes: 1, write: (view, at, value) => view.setUint8(at, value), read: (view, at) => view.getUint8(at) },
  UINT8: { bytes: 1, write: (view, at, value) => view.setUint8(at, value), read: (view, at) => view.getUint8(at) },
  UINT16: little(2, 'Uint16'),
  UINT32: little(4, 'Uint32'),
  UINT64: {
    bytes: 8,
    write: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
    read: (view, at) => Number(view.getBigUint64(at, true)),
  },
  INT8: { bytes: 1, write: (view, at, value) => view.setInt8(at, value), read: (view, at) => view.getInt8(at) },
  INT16: little(2, 'Int16'),
  INT32: little(4, 'Int32'),
  INT64: {
    bytes: 8,
    write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    read: (view, at) => Number(view.getBigInt64(at, true)),
  },
  FP32: little(4, 'Float32'),
  FP64: little(8, 'Float64'),
};

function little(bytes: number, type: 'Uint16' | 'Uint32' | 'Int16' | 'Int32' | 'Float32' | 'Float64'): Fixed {
  return {
    bytes,
    write: (view, at, value) => view[`set${type}`](at, value, true),
    read: (view, at) => view[`get${type}`](at, true),
  };
}

/** The elements as the binary extension has them: little-endian, texts after their length in 4 bytes. */
export function toBinary({ datatype, data }: Pick<Tensor, 'datatype' | 'data'>): Uint8Array<ArrayBuffer> {
  if (datatype === 'BYTES') return concat(data.map((value) => lengthPrefixed(new TextEncoder().encode(String(value)))));
  const { bytes, write } = FIXED[datatype];
  const buffer = new Uint8Array(bytes * data.length);
  const view = new DataView(buffer.buffer);
  for (const [i, value] of data.entries()) write(view, i * bytes, Number(value));
  return buffer;
}

/** The elements that binary data holds; null where it is not whole. */
export function fromBinary(datatype: Datatype, bytes: Uint8Array): Value[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (datatype === 'BYTES') return readTexts(bytes, view);
  const { bytes: size, read } = FIXED[datatype];
  if (bytes.byteLength % size !== 0) return null;
  const values = Array.from({ length: bytes.byteLength / size }, (_, i) => read(view, i * size));
  return datatype === 'BOOL' ? values.map((value) => value === 1) : values;
}

function readTexts(bytes: Uint8Array, view: DataView): string[] | null {
  const texts: string[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const end = bytes.byteLength - at < 4 ? Number.POSITIVE_INFINITY : at + 4 + view.getUint32(at, true);
    if (end > bytes.byteLength) return null;
    texts.push(new TextDecoder().decode(bytes.subarray(at + 4, end)));
    at = end;
  }
  return texts;
}

/** One element of BYTES. `length` is what it claims, where that is not its real one. */
export function lengthPrefixed(bytes: Uint8Array, length = bytes.byteLength): Uint8Array<ArrayBuffer> {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, length, true);
  return concat([prefix, bytes]);
}

/** How many elements a shape has. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Flat data, nested as the shape says. */
export function nest(data: readonly Value[], [length = 1, ...inner]: readonly number[]): unknown[] {
  if (inner.length === 0) return [...data];
  const size = countOf(inner);
  return Array.from({ length }, (_, i) => nest(data.slice(i * size, (i + 1) * size), inner));
}

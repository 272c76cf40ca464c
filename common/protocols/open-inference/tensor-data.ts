import type { ElementOrMissing } from '../../contract/features/kind.ts';
import { type Datatype, describeElement, elementOfBinary, elementOfJson } from './datatypes.ts';
import { Refusal } from './refusal.ts';

/** Reads UTF-8; null for other bytes. */
export type DecodeText = (bytes: Uint8Array) => string | null;

const SHOWN_CHARACTERS = 40;

/**
 * The elements of a tensor of `shape`, row by row, of JSON that is nested as the shape says, or flat. JSON has no NaN, which some
 * clients write as null: it is a missing value where `takesMissing`. Refusals go on from the name of the tensor.
 */
export function readJsonData(
  data: unknown,
  shape: readonly number[],
  datatype: Datatype,
  takesMissing: boolean,
): ElementOrMissing[] | Refusal {
  if (!Array.isArray(data)) return new Refusal('must have an array as "data"');
  const count = countOf(shape);
  const values = data.some(Array.isArray) ? flatten(data, shape) : data;
  if (!values) return new Refusal(`has "data" that is neither flat nor nested as the shape [${shape.join(', ')}]`);
  if (values.length !== count) return new Refusal(`has ${values.length} elements of data; its shape says ${count}`);
  const elements: ElementOrMissing[] = [];
  for (const [i, value] of values.entries()) {
    if (takesMissing && value === null) {
      elements.push(null);
      continue;
    }
    const element = elementOfJson(datatype, value);
    if (element === null) return wrongElement(i, show(value), datatype);
    elements.push(element);
  }
  return elements;
}

/** Nested arrays as one; null where they do not have this shape. */
function flatten(data: unknown[], [length, ...inner]: readonly number[]): unknown[] | null {
  if (data.length !== length) return null;
  if (inner.length === 0) return data.some(Array.isArray) ? null : data;
  const flat: unknown[] = [];
  for (const part of data) {
    const values = Array.isArray(part) ? flatten(part, inner) : null;
    if (!values) return null;
    flat.push(...values);
  }
  return flat;
}

/**
 * The elements of a tensor of `shape`, row by row, of exactly the bytes of its binary data. NaN is a missing value where
 * `takesMissing`.
 */
export function readBinaryData(
  bytes: Uint8Array,
  shape: readonly number[],
  datatype: Datatype,
  decodeText: DecodeText,
  takesMissing: boolean,
): ElementOrMissing[] | Refusal {
  const count = countOf(shape);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { fixed } = datatype;
  if (!fixed) return readTexts(bytes, view, count, decodeText);
  if (bytes.byteLength !== count * fixed.bytes)
    return new Refusal(
      `has ${bytes.byteLength} bytes of binary data; ${count} elements of ${datatype.name} are ${count * fixed.bytes}`,
    );
  const elements: ElementOrMissing[] = [];
  for (let i = 0; i < count; i++) {
    const raw = fixed.read(view, i * fixed.bytes);
    const isMissing = takesMissing && Number.isNaN(raw);
    const element = isMissing ? null : elementOfBinary(fixed, raw);
    if (element === null && !isMissing) return wrongElement(i, String(raw), datatype);
    elements.push(element);
  }
  return elements;
}

/** Texts, each after its length in 4 bytes. */
function readTexts(bytes: Uint8Array, view: DataView, count: number, decodeText: DecodeText): string[] | Refusal {
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const left = bytes.byteLength - at;
    if (left < 4) return new Refusal(`has binary data that ends before element ${i} of ${count}`);
    const length = view.getUint32(at, true);
    if (length > left - 4)
      return new Refusal(`has ${length} bytes in element ${i} by its length, but only ${left - 4} are left`);
    at += 4 + length;
    const text = decodeText(bytes.subarray(at - length, at));
    if (text === null) return new Refusal(`is not UTF-8 text in element ${i}`);
    texts.push(text);
  }
  if (at < bytes.byteLength)
    return new Refusal(`has ${bytes.byteLength - at} bytes of binary data more than its ${count} elements`);
  return texts;
}

function wrongElement(i: number, shown: string, datatype: Datatype): Refusal {
  return new Refusal(`is ${shown} in element ${i}; ${datatype.name} must be ${describeElement(datatype)}`);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

import type { Element, ElementKind } from '../../contract/features/kind.ts';

type Fixed = {
  kind: 'number' | 'boolean';
  /** Of one element, in little-endian order. */
  bytes: number;
  read(view: DataView, at: number): number | bigint;
  /** The ends of the range; for floats, of the values that can be written without becoming infinite. */
  min: number;
  max: number;
};

const FLOAT16_MAX = 65_504;
const FLOAT32_MAX = 3.4028234663852886e38;

/**
 * The integers that JSON and JavaScript hold exactly. An INT64 or UINT64 beyond is refused: it would become another number.
 */
const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;

/** https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#tensor-data-types */
const FIXED = new Map<string, Fixed>([
  ['BOOL', { kind: 'boolean', bytes: 1, read: (view, at) => view.getUint8(at), min: 0, max: 1 }],
  ['UINT8', { kind: 'number', bytes: 1, read: (view, at) => view.getUint8(at), min: 0, max: 255 }],
  ['UINT16', { kind: 'number', bytes: 2, read: (view, at) => view.getUint16(at, true), min: 0, max: 65_535 }],
  ['UINT32', { kind: 'number', bytes: 4, read: (view, at) => view.getUint32(at, true), min: 0, max: 2 ** 32 - 1 }],
  [
    'UINT64',
    { kind: 'number', bytes: 8, read: (view, at) => view.getBigUint64(at, true), min: 0, max: MAX_SAFE_INTEGER },
  ],
  ['INT8', { kind: 'number', bytes: 1, read: (view, at) => view.getInt8(at), min: -128, max: 127 }],
  ['INT16', { kind: 'number', bytes: 2, read: (view, at) => view.getInt16(at, true), min: -32_768, max: 32_767 }],
  [
    'INT32',
    { kind: 'number', bytes: 4, read: (view, at) => view.getInt32(at, true), min: -(2 ** 31), max: 2 ** 31 - 1 },
  ],
  [
    'INT64',
    {
      kind: 'number',
      bytes: 8,
      read: (view, at) => view.getBigInt64(at, true),
      min: MIN_SAFE_INTEGER,
      max: MAX_SAFE_INTEGER,
    },
  ],
  ['FP16', { kind: 'number', bytes: 2, read: readFloat16, min: -FLOAT16_MAX, max: FLOAT16_MAX }],
  [
    'FP32',
    { kind: 'number', bytes: 4, read: (view, at) => view.getFloat32(at, true), min: -FLOAT32_MAX, max: FLOAT32_MAX },
  ],
  [
    'FP64',
    {
      kind: 'number',
      bytes: 8,
      read: (view, at) => view.getFloat64(at, true),
      min: -Number.MAX_VALUE,
      max: Number.MAX_VALUE,
    },
  ],
]);

/** Reads a half-precision number (IEEE 754 binary16), exactly: not every engine's DataView does. */
function readFloat16(view: DataView, at: number): number {
  const bits = view.getUint16(at, true);
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** A datatype of tensors that are taken here: Triton's BF16 is not. */
export type Datatype = { name: string; fixed: Fixed | null };

export const DATATYPES = [...FIXED.keys(), 'BYTES'];

export function datatypeOf(name: string): Datatype | null {
  if (name === 'BYTES') return { name, fixed: null };
  const fixed = FIXED.get(name);
  return fixed ? { name, fixed } : null;
}

export function kindOf({ fixed }: Datatype): ElementKind {
  return fixed ? fixed.kind : 'text';
}

/** The element of this datatype that a JSON value stands for; null for any other value. */
export function elementOfJson({ name, fixed }: Datatype, value: unknown): Element | null {
  if (!fixed) return typeof value === 'string' ? value : null;
  if (fixed.kind === 'boolean') return typeof value === 'boolean' ? value : null;
  if (typeof value !== 'number' || !(value >= fixed.min && value <= fixed.max)) return null;
  return isFloat(name) || Number.isInteger(value) ? value : null;
}

/** The element that a binary value is; null if it is none: NaN, infinities, integers that are not exact, other booleans. */
export function elementOfBinary({ kind, min, max }: Fixed, raw: number | bigint): Element | null {
  const value = Number(raw);
  if (!(value >= min && value <= max)) return null;
  return kind === 'boolean' ? value === 1 : value;
}

/** The rule for an element, in words for a message. */
export function describeElement({ name, fixed }: Datatype): string {
  if (!fixed) return 'text';
  if (fixed.kind === 'boolean') return 'true or false';
  if (isFloat(name))
    return fixed.max === FLOAT16_MAX ? `a number from ${fixed.min} to ${fixed.max}` : 'a finite number';
  return `an integer from ${bound(fixed.min)} to ${bound(fixed.max)}`;
}

function isFloat(name: string): boolean {
  return name === 'FP16' || name === 'FP32' || name === 'FP64';
}

/** A bound as people read it. */
function bound(value: number): string {
  if (value === MAX_SAFE_INTEGER) return '2^53 - 1';
  return value === MIN_SAFE_INTEGER ? '-(2^53 - 1)' : String(value);
}

import { Tensor } from 'onnxruntime-web/wasm';
import type { Drawn } from './cases/case.ts';
import type { TensorValue } from './onnx-graph.ts';

/** Numbers in [0, 1), the same for the same seed (Mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS: readonly [string, ...string[]] = [
  '',
  'a',
  'b',
  'Oui',
  'Célibataire',
  '12',
  'a word that is longer than a short string can be',
  '日本',
];
/** How many of the floating-point numbers without given limits are one of these, and how many are whole. */
const SPECIAL_SHARE = 1 / 12;
const WHOLE_SHARE = 0.3;
const SPECIALS: readonly [number, ...number[]] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0,
  1e-40,
  3e38,
  -1e10,
];
const DEFAULT_RANGE = [-5, 5] as const;

/** Draws the elements of a tensor. Without given limits, floating-point numbers may be infinite, or none. */
export function draw({ type, dims, range }: Drawn, rows: number, random: Random): TensorValue {
  const sizes = dims.map((size) => (size === 'rows' ? rows : size));
  const [low, high] = range ?? DEFAULT_RANGE;
  const whole = () => low + Math.floor(random() * (high - low + 1));
  const real = () => {
    if (!range && random() < SPECIAL_SHARE) return pick(SPECIALS, random);
    // Some whole numbers, so that equal ones meet.
    return random() < WHOLE_SHARE ? whole() : low + random() * (high - low);
  };
  const next: () => number | string = {
    float32: real,
    float64: real,
    int32: whole,
    int64: whole,
    uint8: () => Math.abs(whole()),
    bool: () => Math.abs(whole()) % 2,
    string: () => pick(WORDS, random),
  }[type];
  return { type, dims: sizes, data: Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, next) };
}

function pick<T>(values: readonly [T, ...T[]], random: Random): T {
  return values[Math.floor(random() * values.length)] ?? values[0];
}

/** The same tensor for the runtime. */
export function toTensor({ type, dims, data }: TensorValue): Tensor {
  switch (type) {
    case 'float32':
      return new Tensor('float32', Float32Array.from(data, Number), dims);
    case 'float64':
      return new Tensor('float64', Float64Array.from(data, Number), dims);
    case 'int32':
      return new Tensor('int32', Int32Array.from(data, Number), dims);
    case 'int64':
      return new Tensor('int64', BigInt64Array.from(data.map(BigInt)), dims);
    case 'uint8':
      return new Tensor('uint8', Uint8Array.from(data, Number), dims);
    case 'bool':
      return new Tensor('bool', Uint8Array.from(data, Number), dims);
    case 'string':
      return new Tensor('string', data.map(String), dims);
  }
}

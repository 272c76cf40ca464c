import { describe, expect, it } from 'vitest';
import { toMatrices } from './tensors.ts';

describe('toMatrices', () => {
  const inputs = [
    { name: 'categorical', type: 'string', features: ['b', 'a'] },
    { name: 'numeric', type: 'float32', features: ['x'] },
    { name: 'whole', type: 'int64', features: ['n'] },
  ] as const;

  it('lays records out row by row, columns in the order of each input', () => {
    const records = [
      { a: 'a1', b: 'b1', x: 0.5, n: 3 },
      { n: -4, x: 1.25, b: 'b2', a: 'a2' },
    ];
    const matrices = toMatrices(
      inputs.map((input) => ({ ...input, features: [...input.features] })),
      records,
    );
    expect(matrices).toEqual([
      { name: 'categorical', type: 'string', dims: [2, 2], data: ['b1', 'a1', 'b2', 'a2'] },
      { name: 'numeric', type: 'float32', dims: [2, 1], data: new Float32Array([0.5, 1.25]) },
      { name: 'whole', type: 'int64', dims: [2, 1], data: new BigInt64Array([3n, -4n]) },
    ]);
  });

  it('refuses a record that lacks a value rather than fill it in', () => {
    expect(() => toMatrices([{ name: 'numeric', type: 'float32', features: ['x'] }], [{ y: 1 }])).toThrow('"x"');
  });
});

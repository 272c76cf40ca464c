import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { attrition } from '../test/contracts.ts';
import { createMatrixLayout } from './tensors.ts';

/** The published contract with other features, by their names alone, and other inputs. */
function layout(names: string[], inputs: Contract['graph']['inputs']) {
  const [feature] = attrition.features;
  if (!feature) throw new Error('the contract has no feature');
  return createMatrixLayout({ features: names.map((name) => ({ ...feature, name })), graph: { inputs } });
}

describe('the layout of the graph’s inputs', () => {
  it('has a row a record, and columns in the order of each input', () => {
    const toMatrices = layout(
      ['a', 'n', 'b', 'x'],
      [
        { name: 'categorical', type: 'string', features: ['b', 'a'] },
        { name: 'numeric', type: 'float32', features: ['x'] },
        { name: 'whole', type: 'int64', features: ['n'] },
      ],
    );
    const records = [
      ['a1', 3, 'b1', 0.5],
      ['a2', -4, 'b2', 1.25],
    ];
    expect(toMatrices(records)).toEqual([
      { name: 'categorical', type: 'string', dims: [2, 2], data: ['b1', 'a1', 'b2', 'a2'] },
      { name: 'numeric', type: 'float32', dims: [2, 1], data: new Float32Array([0.5, 1.25]) },
      { name: 'whole', type: 'int64', dims: [2, 1], data: new BigInt64Array([3n, -4n]) },
    ]);
  });

  it('refuses a record that lacks a value rather than fill it in', () => {
    expect(() => layout(['x'], [{ name: 'numeric', type: 'float32', features: ['x'] }])([[]])).toThrow('no value');
  });

  it('refuses an input of what is no feature', () => {
    expect(() => layout(['y'], [{ name: 'numeric', type: 'float32', features: ['x'] }])).toThrow('"x"');
  });
});

import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { attrition } from '../test/contracts.ts';
import { createMatrixLayout } from './tensors.ts';

const [age, genre] = attrition.features;

/** The published contract with other features, by their names alone, and other inputs. A name in capitals is a category. */
function layout(names: string[], inputs: Contract['graph']['inputs']) {
  if (age?.type !== 'integer' || genre?.type !== 'category') throw new Error('the contract has other features');
  const features = names.map((name) => (name === name.toUpperCase() ? { ...genre, name } : { ...age, name }));
  return createMatrixLayout({ features, graph: { inputs } });
}

describe('the layout of the graph’s inputs', () => {
  it('has a row a record, and columns in the order of each input', () => {
    const toMatrices = layout(
      ['A', 'n', 'B', 'x'],
      [
        { name: 'categorical', type: 'string', features: ['B', 'A'] },
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

  it('refuses a column that its feature cannot be', () => {
    expect(() => layout(['A'], [{ name: 'numeric', type: 'float32', features: ['A'] }])).toThrow('"A"');
    expect(() => layout(['x'], [{ name: 'text', type: 'string', features: ['x'] }])).toThrow('"x"');
  });

  it.each([null, '3', true])('turns %j into no number, whatever column it is for', (value) => {
    for (const type of ['float32', 'int64'] as const) {
      const toMatrices = layout(['x'], [{ name: 'numeric', type, features: ['x'] }]);
      expect(() => toMatrices([[value]])).toThrow(TypeError);
    }
  });

  it.each([null, 3, true])('turns %j into no text', (value) => {
    const toMatrices = layout(['A'], [{ name: 'text', type: 'string', features: ['A'] }]);
    expect(() => toMatrices([[value]])).toThrow(TypeError);
  });
});

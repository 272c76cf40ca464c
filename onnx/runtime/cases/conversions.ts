import { ELEMENT_TYPES } from '../onnx-graph.ts';
import { constant, matrix, type OperatorCase } from './case.ts';
import { ALL, binary, MANY_ROWS, NUMBERS } from './elementwise.ts';
/** One type to another, and strings to longer ones. */
export const conversions: OperatorCase[] = [
  ...([...NUMBERS, 'bool'] as const).flatMap((from) =>
    ALL.map(
      (to): OperatorCase => ({
        operator: 'Cast',
        inputs: [matrix(from, 3)],
        attributes: { to: { int: ELEMENT_TYPES[to] } },
        rows: MANY_ROWS,
      }),
    ),
  ),
  ...NUMBERS.map(
    (to): OperatorCase => ({
      operator: 'Cast',
      inputs: [constant('string', [5], ['1', '-2', '30', '444', '5'])],
      attributes: { to: { int: ELEMENT_TYPES[to] } },
    }),
  ),
  {
    operator: 'Cast',
    inputs: [constant('string', [4], ['1.5', '-2e3', 'NaN', 'inf'])],
    attributes: { to: { int: 1 } },
  },
  { operator: 'Cast', inputs: [matrix('string', 2)], attributes: { to: { int: 8 } } },
  // For a column of a type with one of another, as a graph of several inputs does it.
  { operator: 'CastLike', inputs: [matrix('int64', 3), matrix('float32', 1)], from: 15 },
  ...binary('StringConcat', ['string'], { from: 20 }),
  {
    operator: 'StringConcat',
    inputs: [constant('string', [1, 3], ['a=', 'b=', 'c=']), matrix('string', 3)],
    from: 20,
    rows: MANY_ROWS,
  },
];

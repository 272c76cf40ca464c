import type { ElementType } from '../onnx-graph.ts';
import { type Drawn, matrix, type OperatorCase } from './case.ts';
import { binary, FLOATS, MANY_ROWS, NUMBERS, unary } from './elementwise.ts';

/** A table, and a single element, which is for all rows and columns: code of its own in each of an operator's inputs. */
function manyAndOne(type: ElementType): Drawn[] {
  return [matrix(type, 3), { type, dims: [] }];
}

/** Comparisons, and what is done with their outcomes. */
export const logic: OperatorCase[] = [
  ...['And', 'Or', 'Xor'].flatMap((operator) => binary(operator, ['bool'])),
  ...unary('Not', ['bool']),
  ...binary('Equal', [...NUMBERS, 'bool']),
  ...binary('Equal', ['string'], { from: 19 }),
  ...['Less', 'Greater'].flatMap((operator) => binary(operator, NUMBERS)),
  ...['LessOrEqual', 'GreaterOrEqual'].flatMap((operator) => binary(operator, NUMBERS)),
  ...unary('IsNaN', FLOATS),
  ...unary('IsInf', FLOATS),
  ...(['float32', 'float64', 'int64', 'int32', 'string'] as const).flatMap((type): OperatorCase[] => [
    ...manyAndOne('bool').flatMap((condition) =>
      manyAndOne(type).flatMap((yes) =>
        manyAndOne(type).map(
          (no): OperatorCase => ({ operator: 'Where', inputs: [condition, yes, no], rows: MANY_ROWS }),
        ),
      ),
    ),
    { operator: 'Where', inputs: [matrix('bool', 3), { type, dims: [1, 3] }, matrix(type, 3)] },
    { operator: 'Where', inputs: [matrix('bool', 1), matrix(type, 3), { type, dims: [] }] },
    { operator: 'Where', inputs: [{ type: 'bool', dims: [3] }, { type, dims: [] }, matrix(type, 1)] },
  ]),
];

import { matrix, type OperatorCase } from './case.ts';
import { binary, FLOATS, MANY_ROWS, NUMBERS, unary } from './elementwise.ts';

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
    { operator: 'Where', inputs: [matrix('bool', 3), matrix(type, 3), matrix(type, 3)], rows: MANY_ROWS },
    { operator: 'Where', inputs: [matrix('bool', 3), { type, dims: [1, 3] }, matrix(type, 3)] },
    { operator: 'Where', inputs: [matrix('bool', 1), matrix(type, 3), { type, dims: [] }] },
    { operator: 'Where', inputs: [{ type: 'bool', dims: [3] }, { type, dims: [] }, matrix(type, 1)] },
  ]),
];

import { constant, matrix, type OperatorCase } from './case.ts';
import { binary, FLOATS, NUMBERS, unary } from './elementwise.ts';

/** Numbers to numbers, element by element. */
export const arithmetic: OperatorCase[] = [
  ...['Add', 'Sub', 'Mul'].flatMap((operator) => binary(operator, NUMBERS)),
  ...binary('Div', NUMBERS, { range: [1, 9] }),
  ...binary('Mod', ['int64'], { range: [1, 9] }),
  ...binary('Mod', ['float32'], { range: [1, 9], attributes: { fmod: { int: 1 } } }),
  ...binary('Pow', ['float32', 'float64', 'int64'], { range: [0, 4] }),
  ...[2, 3, 0.5].map(
    (exponent): OperatorCase => ({
      operator: 'Pow',
      inputs: [matrix('float32', 3), constant('float32', [], [exponent])],
    }),
  ),
  ...['Max', 'Min'].flatMap((operator) => [
    ...binary(operator, NUMBERS),
    ...NUMBERS.map((type): OperatorCase => ({ operator, inputs: [matrix(type, 3), matrix(type, 3), matrix(type, 3)] })),
  ]),
  ...['Mean', 'Sum'].flatMap((operator) => [
    ...binary(operator, ['float32']),
    { operator, inputs: [matrix('float32', 3), matrix('float32', 1), matrix('float32', 3)] },
  ]),
  ...['Abs', 'Neg', 'Sign'].flatMap((operator) => unary(operator, NUMBERS)),
  ...['Ceil', 'Floor', 'Round', 'Exp', 'Sin', 'Cos', 'Reciprocal'].flatMap((operator) => unary(operator, FLOATS)),
  ...['Log', 'Sqrt'].flatMap((operator) => unary(operator, FLOATS, { range: [0, 9] })),
  ...unary('Erf', ['float32']),
  ...['Sin', 'Cos', 'Tan', 'Atan'].flatMap((operator) => unary(operator, ['float32'])),
];

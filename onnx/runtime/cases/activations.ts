import { constant, type Drawn, matrix, type OperatorCase } from './case.ts';
import { binary, FLOATS, MANY_ROWS, NUMBERS, unary } from './elementwise.ts';

const column: Drawn = { type: 'float32', dims: [3] };

/** What stands between the layers of a neural network, and behind the last one. */
export const activations: OperatorCase[] = [
  ...['Sigmoid', 'Tanh', 'Relu'].flatMap((operator) => unary(operator, FLOATS)),
  ...['Softplus', 'Softsign', 'Elu', 'LeakyRelu', 'Selu', 'HardSigmoid', 'Celu', 'ThresholdedRelu'].flatMap(
    (operator) => unary(operator, ['float32']),
  ),
  ...unary('HardSwish', ['float32'], { from: 14 }),
  ...['none', 'tanh'].flatMap((approximate) =>
    unary('Gelu', ['float32'], { from: 20, attributes: { approximate: { text: approximate } } }),
  ),
  ...binary('PRelu', ['float32']),
  ...['Softmax', 'LogSoftmax'].flatMap((operator) =>
    FLOATS.flatMap((type): OperatorCase[] => [
      ...[1, 0].map(
        (axis): OperatorCase => ({ operator, inputs: [matrix(type, 3)], attributes: { axis: { int: axis } } }),
      ),
      { operator, inputs: [matrix(type, 40)], rows: MANY_ROWS },
      { operator, inputs: [{ type, dims: ['rows', 3, 4] }], attributes: { axis: { int: 1 } } },
    ]),
  ),
  ...NUMBERS.flatMap((type): OperatorCase[] => [
    { operator: 'Clip', inputs: [matrix(type, 3), constant(type, [], [-1]), constant(type, [], [2])], rows: MANY_ROWS },
    { operator: 'Clip', inputs: [matrix(type, 3), { type, dims: [], range: [-3, -1] }, null] },
    { operator: 'Clip', inputs: [matrix(type, 3), null, { type, dims: [], range: [1, 3] }] },
  ]),
  {
    operator: 'BatchNormalization',
    inputs: [matrix('float32', 3), ...[0, 1, 2].map((): Drawn => column), { ...column, range: [1, 2] }],
  },
  { operator: 'LayerNormalization', from: 17, inputs: [matrix('float32', 3), column, column] },
  { operator: 'Dropout', inputs: [matrix('float32', 3)] },
];

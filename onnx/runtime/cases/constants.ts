import type { TensorValue } from '../onnx-graph.ts';
import { constant, integers, type OperatorCase } from './case.ts';
import { NUMBERS } from './elementwise.ts';

/** Tensors that are made of nothing, or of little. */
export const constants: OperatorCase[] = [
  ...(['float32', 'float64', 'int64', 'int32', 'bool', 'string'] as const).map((type): OperatorCase => {
    const value: TensorValue = constant(type, [2], type === 'string' ? ['a', 'b'] : [1, 0]);
    return { operator: 'Constant', inputs: [], attributes: { value: { tensor: value } } };
  }),
  { operator: 'Constant', inputs: [], attributes: { value_float: { float: 1.5 } } },
  { operator: 'Constant', inputs: [], attributes: { value_int: { int: 3 } } },
  { operator: 'Constant', inputs: [], attributes: { value_ints: { ints: [3, 4] } } },
  { operator: 'Constant', inputs: [], attributes: { value_floats: { floats: [3, 4] } } },
  { operator: 'Constant', inputs: [], attributes: { value_string: { text: 'a' } } },
  { operator: 'Constant', inputs: [], attributes: { value_strings: { texts: ['a', 'b'] } } },
  ...(['float32', 'float64', 'int64', 'int32', 'bool'] as const).map(
    (type): OperatorCase => ({
      operator: 'ConstantOfShape',
      inputs: [{ type: 'int64', dims: [2], range: [1, 4] }],
      attributes: { value: { tensor: constant(type, [1], [1]) } },
    }),
  ),
  { operator: 'ConstantOfShape', inputs: [integers(2, 3)] },
  ...NUMBERS.map(
    (type): OperatorCase => ({
      operator: 'Range',
      inputs: [constant(type, [], [0]), { type, dims: [], range: [1, 9] }, constant(type, [], [1])],
    }),
  ),
  ...(['float32', 'int64', 'string'] as const).flatMap((type): OperatorCase[] =>
    [-1, 0].map((axis) => ({
      operator: 'OneHot',
      inputs: [
        { type: 'int64', dims: ['rows'], range: [0, 3] },
        integers(4),
        constant(type, [2], type === 'string' ? ['no', 'yes'] : [0, 1]),
      ],
      attributes: { axis: { int: axis } },
    })),
  ),
];

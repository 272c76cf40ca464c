import type { Attributes } from '../onnx-graph.ts';
import { constant, type Drawn, matrix, type OperatorCase } from './case.ts';
import { FLOATS, ramp } from './elementwise.ts';

/** The sizes of the inner and of the last dimension, around those for which matrices are multiplied in blocks. */
const SIZES = [
  [1, 1],
  [3, 1],
  [4, 2],
  [7, 5],
  [30, 16],
  [33, 17],
  [130, 40],
  [300, 130],
] as const;
const MATRIX_ROWS = [1, 2, 3, 4, 5, 7, 12, 33, 250];

/** Products of matrices. */
export const matrices: OperatorCase[] = [
  ...(['float32', 'float64', 'int64'] as const).flatMap(
    (type) =>
      [
        ...SIZES.map(
          ([inner, columns]): OperatorCase => ({
            operator: 'MatMul',
            inputs: [matrix(type, inner), { type, dims: [inner, columns] }],
            rows: MATRIX_ROWS,
          }),
        ),
        { operator: 'MatMul', inputs: [matrix(type, 4), { type, dims: [4] }] },
        {
          operator: 'MatMul',
          inputs: [
            { type, dims: [4] },
            { type, dims: [4, 'rows'] },
          ],
        },
        {
          operator: 'MatMul',
          inputs: [
            { type, dims: ['rows', 2, 4] },
            { type, dims: ['rows', 4, 3] },
          ],
        },
        {
          operator: 'MatMul',
          inputs: [
            { type, dims: ['rows', 2, 4] },
            { type, dims: [4, 3] },
          ],
        },
      ] satisfies OperatorCase[],
  ),
  // With weights that are known when the graph is loaded, which are then stored in the order that they are read in.
  ...SIZES.flatMap(([inner, columns]): OperatorCase[] => {
    const weights = constant('float32', [inner, columns], ramp(inner * columns));
    const transposed = constant('float32', [columns, inner], ramp(inner * columns));
    const bias = constant('float32', [columns], ramp(columns));
    return [
      { operator: 'MatMul', inputs: [matrix('float32', inner), weights], rows: MATRIX_ROWS },
      { operator: 'Gemm', inputs: [matrix('float32', inner), weights, bias], rows: MATRIX_ROWS },
      {
        operator: 'Gemm',
        inputs: [matrix('float32', inner), transposed, bias],
        attributes: { transB: { int: 1 } },
        rows: MATRIX_ROWS,
      },
    ];
  }),
  ...FLOATS.flatMap((type) =>
    SIZES.flatMap(([inner, columns]) =>
      [0, 1, 2, 3].flatMap((transposed): OperatorCase[] => {
        const attributes: Attributes = {
          transA: { int: transposed % 2 },
          transB: { int: transposed > 1 ? 1 : 0 },
          ...(inner > 5 && { alpha: { float: 0.5 }, beta: { float: 2 } }),
        };
        const left: Drawn = { type, dims: transposed % 2 === 1 ? [inner, 'rows'] : ['rows', inner] };
        const right: Drawn = { type, dims: transposed > 1 ? [columns, inner] : [inner, columns] };
        const biases: (Drawn | null)[] = [null, { type, dims: [columns] }];
        if (inner === 4)
          biases.push({ type, dims: [] }, { type, dims: ['rows', columns] }, { type, dims: ['rows', 1] });
        return biases.map((bias) => ({
          operator: 'Gemm',
          inputs: bias ? [left, right, bias] : [left, right],
          attributes,
          rows: [1, 2, 5, 33],
        }));
      }),
    ),
  ),
];

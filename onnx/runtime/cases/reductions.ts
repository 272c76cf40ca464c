import type { Attributes } from '../onnx-graph.ts';
import { constant, type Drawn, integers, matrix, type OperatorCase } from './case.ts';
import { FLOATS, MANY_ROWS, NUMBERS, type Types } from './elementwise.ts';

const REDUCTIONS = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
  'ReduceLogSum',
];
/** What is reduced, as axes of a tensor of three dimensions, or of two; none are all. */
const AXES = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [-1], []];

/** Many numbers to one: along the axes of a tensor, or the largest ones of it. */
export const reductions: OperatorCase[] = [...sums(), ...searches()];

function sums(): OperatorCase[] {
  return REDUCTIONS.flatMap((operator) =>
    reducible(operator).flatMap((type) => {
      const cube: Drawn = { type, dims: ['rows', 2, 3], range: [1, 3] };
      const row: Drawn = { type, dims: ['rows', 7], range: [1, 3] };
      return [
        ...AXES.flatMap((axes) => reduction(operator, cube, axes, 1)),
        ...[[1], [0], []].flatMap((axes) => reduction(operator, row, axes, 0)),
      ];
    }),
  );
}

/** The axes were an attribute once. */
function reduction(operator: string, input: Drawn, axes: readonly number[], keep: number): OperatorCase[] {
  const firstWithInput = operator === 'ReduceSum' ? 13 : 18;
  const attributes: Attributes = { keepdims: { int: keep } };
  const given = axes.length > 0;
  const asInput: OperatorCase = {
    operator,
    inputs: given ? [input, integers(...axes)] : [input],
    attributes,
    from: firstWithInput,
  };
  const asAttribute: OperatorCase = {
    operator,
    inputs: [input],
    attributes: given ? { ...attributes, axes: { ints: axes } } : attributes,
    to: firstWithInput - 1,
  };
  return operator === 'ReduceSum' ? [asInput] : [asInput, asAttribute];
}

function reducible(operator: string): Types {
  if (operator === 'ReduceLogSum' || operator === 'ReduceL1' || operator === 'ReduceL2') return ['float32'];
  return operator === 'ReduceLogSumExp' ? FLOATS : ['float32', 'float64', 'int64'];
}

function searches(): OperatorCase[] {
  return [
    ...['ArgMax', 'ArgMin'].flatMap((operator) =>
      (['float32', 'float64', 'int32'] as const).flatMap((type) =>
        [0, 1].flatMap((axis) =>
          [0, 1].flatMap((flag): OperatorCase[] => [
            {
              operator,
              inputs: [matrix(type, 5)],
              attributes: { axis: { int: axis }, keepdims: { int: flag } },
              rows: MANY_ROWS,
            },
            {
              operator,
              inputs: [matrix(type, 5)],
              attributes: { axis: { int: axis }, select_last_index: { int: flag } },
            },
          ]),
        ),
      ),
    ),
    ...NUMBERS.flatMap((type) =>
      [1, 3, 20].flatMap((k) =>
        [0, 1].flatMap((largest): OperatorCase[] => {
          const attributes: Attributes = { largest: { int: largest }, sorted: { int: k % 2 } };
          return [
            { operator: 'TopK', inputs: [matrix(type, 20), integers(k)], attributes, outputs: 2 },
            {
              operator: 'TopK',
              inputs: [{ type, dims: [20, 'rows'] }, integers(k)],
              attributes: { ...attributes, axis: { int: 0 } },
              outputs: 2,
            },
          ];
        }),
      ),
    ),
    ...(['float32', 'int64'] as const).map(
      (type): OperatorCase => ({ operator: 'CumSum', inputs: [matrix(type, 4), constant('int64', [], [1])] }),
    ),
  ];
}

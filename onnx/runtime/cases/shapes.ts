import type { Attributes } from '../onnx-graph.ts';
import { constant, type Drawn, integers, matrix, type OperatorCase } from './case.ts';
import { ALL, MANY_ROWS } from './elementwise.ts';

/** The same elements in another order or shape. */
export const shapes: OperatorCase[] = ALL.flatMap((type): OperatorCase[] => {
  const cube: Drawn = { type, dims: ['rows', 2, 3] };
  const flat = matrix(type, 6);
  const axis = (int: number): Attributes => ({ axis: { int } });
  const index: Drawn = { type: 'int64', dims: [2], range: [0, 1] };
  const stretched: OperatorCase[] =
    type === 'string'
      ? []
      : [
          { operator: 'Expand', inputs: [matrix(type, 1), integers(1, 4)] },
          { operator: 'Expand', inputs: [{ type, dims: [3] }, integers(2, 3)] },
        ];
  return [
    { operator: 'Identity', inputs: [flat], rows: MANY_ROWS },
    { operator: 'Identity', inputs: [cube] },
    ...[0, 1, -1].flatMap((at): OperatorCase[] => [
      { operator: 'Concat', inputs: [flat, flat], attributes: axis(at), rows: MANY_ROWS },
      { operator: 'Concat', inputs: [cube, cube, cube], attributes: axis(at) },
    ]),
    {
      operator: 'Concat',
      inputs: [matrix(type, 2), matrix(type, 3), matrix(type, 1)],
      attributes: axis(1),
      rows: MANY_ROWS,
    },
    ...[integers(-1, 3), integers(0, -1), integers(0, 3, 2), integers(-1)].map(
      (shape): OperatorCase => ({ operator: 'Reshape', inputs: [cube, shape] }),
    ),
    ...[integers(1), integers(-1)].flatMap((axes): OperatorCase[] => [
      { operator: 'Squeeze', inputs: [matrix(type, 1), axes] },
      { operator: 'Unsqueeze', inputs: [flat, axes] },
    ]),
    { operator: 'Squeeze', inputs: [{ type, dims: ['rows', 1, 2] }] },
    ...[0, 1, 2].map((at): OperatorCase => ({ operator: 'Flatten', inputs: [cube], attributes: axis(at) })),
    ...[
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
    ].map((order): OperatorCase => ({ operator: 'Transpose', inputs: [cube], attributes: { perm: { ints: order } } })),
    { operator: 'Transpose', inputs: [flat], rows: [1, 5, 33, 1000] },
    {
      operator: 'Transpose',
      inputs: [{ type, dims: [3, 'rows', 2, 4] }],
      attributes: { perm: { ints: [0, 2, 1, 3] } },
    },
    ...[0, 1].flatMap((at): OperatorCase[] => [
      { operator: 'Gather', inputs: [{ type, dims: [2, 'rows', 3] }, index], attributes: axis(0) },
      { operator: 'Gather', inputs: [flat, constant('int64', [], [3])], attributes: axis(1) },
      {
        operator: 'Gather',
        inputs: [
          { type, dims: [4, 3] },
          { type: 'int64', dims: ['rows', 2], range: [-4, 3] },
        ],
        attributes: axis(0),
      },
      { operator: 'Gather', inputs: [flat, { type: 'int32', dims: [2], range: [0, 5] }], attributes: axis(1) },
      {
        operator: 'GatherElements',
        inputs: [flat, { type: 'int64', dims: at === 0 ? [1, 6] : ['rows', 2], range: [0, at === 0 ? 0 : 5] }],
        attributes: axis(at),
      },
    ]),
    { operator: 'Slice', inputs: [flat, integers(1), integers(4), integers(1)], rows: MANY_ROWS },
    { operator: 'Slice', inputs: [flat, integers(-1), integers(-7), integers(1), integers(-1)] },
    { operator: 'Slice', inputs: [cube, integers(0, 1), integers(1, 3), integers(1, 2), integers(1, 1)] },
    { operator: 'Slice', inputs: [flat, integers(0), integers(6), integers(1), integers(2)] },
    { operator: 'Split', inputs: [flat, integers(2, 4)], attributes: axis(1), outputs: 2 },
    { operator: 'Split', inputs: [flat], attributes: axis(1), outputs: 2, to: 17 },
    { operator: 'Split', inputs: [flat], attributes: { ...axis(1), num_outputs: { int: 3 } }, outputs: 3, from: 18 },
    { operator: 'Tile', inputs: [flat, integers(1, 3)] },
    { operator: 'Tile', inputs: [{ type, dims: [1, 3] }, integers(4, 1)] },
    { operator: 'Shape', inputs: [flat] },
    { operator: 'Shape', inputs: [cube], attributes: { start: { int: 1 }, end: { int: -1 } }, from: 15 },
    { operator: 'Size', inputs: [flat] },
    ...stretched,
  ];
});

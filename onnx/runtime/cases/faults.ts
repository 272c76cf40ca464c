import type { Case } from './case.ts';
import { constant, expand, integers, matrix, type OperatorCase } from './case.ts';

/** Graphs that the runtime refuses to load. */
export const unloadable: Case[] = expand([
  { operator: 'NoSuchOperator', inputs: [matrix('float32', 2)], from: 20, to: 20 },
  { operator: 'ai.onnx.ml.NoSuchOperator', inputs: [matrix('float32', 2)], from: 3, to: 3 },
  { operator: 'Add', inputs: [matrix('string', 2), matrix('string', 2)], from: 20, to: 20 },
  { operator: 'Add', inputs: [matrix('float32', 2), matrix('float64', 2)], from: 20, to: 20 },
  { operator: 'Add', inputs: [matrix('float32', 2)], from: 20, to: 20 },
  { operator: 'Erf', inputs: [matrix('float64', 2)], from: 20, to: 20 },
  { operator: 'Concat', inputs: [matrix('float32', 2)], from: 20, to: 20 },
  { operator: 'MatMul', inputs: [matrix('float32', 2), { type: 'float32', dims: [3, 2] }], from: 20, to: 20 },
  { operator: 'Relu', inputs: [matrix('float32', 2)], attributes: { unknown: { int: 1 } }, from: 20, to: 20 },
  { operator: 'ai.onnx.ml.TreeEnsembleRegressor', inputs: [matrix('float32', 2)], from: 3, to: 3 },
  { operator: 'ai.onnx.ml.LabelEncoder', inputs: [matrix('string', 2)], from: 3, to: 3 },
  { operator: 'ai.onnx.ml.LinearClassifier', inputs: [matrix('float32', 2)], outputs: 2, from: 1, to: 1 },
]);

/** Graphs that the runtime loads, and whose run it refuses because of what the inputs hold or how large they are. */
export const unrunnable: Case[] = expand(
  (
    [
      {
        operator: 'Add',
        inputs: [
          { type: 'float32', dims: ['rows'] },
          { type: 'float32', dims: [7] },
        ],
      },
      {
        operator: 'Where',
        inputs: [
          { type: 'bool', dims: ['rows'] },
          { type: 'string', dims: [7] },
          { type: 'string', dims: [1] },
        ],
      },
      { operator: 'Gather', inputs: [matrix('float32', 3), { type: 'int64', dims: [2], range: [90, 99] }] },
      { operator: 'Reshape', inputs: [matrix('float32', 3), { type: 'int64', dims: [2], range: [7, 9] }] },
      { operator: 'Squeeze', inputs: [{ type: 'float32', dims: ['rows', 'rows'] }, integers(0)] },
      {
        operator: 'Concat',
        inputs: [matrix('float32', 3), { type: 'float32', dims: [9, 3] }],
        attributes: { axis: { int: 1 } },
      },
      {
        operator: 'MatMul',
        inputs: [
          { type: 'float32', dims: ['rows', 'rows'] },
          { type: 'float32', dims: [9, 3] },
        ],
      },
      { operator: 'TopK', inputs: [matrix('float32', 3), { type: 'int64', dims: [1], range: [50, 60] }], outputs: 2 },
      { operator: 'Cast', inputs: [matrix('string', 2)], attributes: { to: { int: 1 } } },
      { operator: 'Cast', inputs: [matrix('string', 2)], attributes: { to: { int: 7 } } },
      {
        operator: 'ai.onnx.ml.OneHotEncoder',
        inputs: [matrix('string', 2)],
        attributes: { cats_strings: { texts: ['?'] }, zeros: { int: 0 } },
      },
      {
        operator: 'ai.onnx.ml.OneHotEncoder',
        inputs: [matrix('int64', 2)],
        attributes: { cats_int64s: { ints: [77] }, zeros: { int: 0 } },
      },
      {
        operator: 'ai.onnx.ml.ArrayFeatureExtractor',
        inputs: [matrix('float32', 3), { type: 'int64', dims: [1], range: [50, 60] }],
      },
      {
        operator: 'ai.onnx.ml.Scaler',
        inputs: [matrix('float32', 3)],
        attributes: { offset: { floats: [1, 2] }, scale: { floats: [1, 2] } },
      },
    ] satisfies OperatorCase[]
  ).map((it) => ({
    ...it,
    from: it.operator.startsWith('ai.onnx.ml.') ? 3 : 20,
    to: it.operator.startsWith('ai.onnx.ml.') ? 3 : 20,
    rows: [2, 33],
  })),
);

/** A graph that is sound, to be fed with what it is not made for. */
export const sound: Case[] = expand([
  {
    operator: 'Add',
    inputs: [matrix('float32', 3), constant('float32', [3], [1, 2, 3])],
    from: 20,
    to: 20,
  },
]);

import type { Attributes, Domain, Graph, Node, TensorValue, Typed } from '../onnx-graph.ts';
import { type Case, constant, type Drawn, integers, matrix, orNull } from './case.ts';

/** Those of today's converters, and of this project's own exporter. */
const OPSETS: Graph['opsets'][] = [
  { 'ai.onnx': 15, 'ai.onnx.ml': 1 },
  { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
  { 'ai.onnx': 20, 'ai.onnx.ml': 3 },
  { 'ai.onnx': 22, 'ai.onnx.ml': 4 },
];
const STYLES = ['bare', 'described'] as const;
const ROWS = [1, 2, 3, 5, 8, 17, 33, 51, 64, 129, 250, 1000, 10_000];

type Pipeline = {
  name: string;
  inputs: Readonly<Record<string, Drawn>>;
  constants?: Readonly<Record<string, TensorValue>>;
  nodes: readonly Node[];
  /** The graph's outputs, and those of them that are read: by default all. */
  outputs: Graph['outputs'];
  fetches?: readonly string[];
  oldest?: number;
};

const PROBABILITY: Typed = { name: 'probability', type: 'float32', dims: [null] };

function on(domain: Domain, type: string, inputs: string, outputs: string, attributes: Attributes = {}): Node {
  return { domain, type, inputs: inputs.split(' '), outputs: outputs.split(' '), attributes };
}
const onnx = on.bind(null, 'ai.onnx');
const ml = on.bind(null, 'ai.onnx.ml');

const stumps: Attributes = {
  nodes_treeids: { ints: [0, 0, 0, 1, 1, 1] },
  nodes_nodeids: { ints: [0, 1, 2, 0, 1, 2] },
  nodes_featureids: { ints: [0, 0, 0, 3, 0, 0] },
  nodes_values: { floats: [0.5, 0, 0, -1, 0, 0] },
  nodes_modes: { texts: ['BRANCH_LT', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF'] },
  nodes_truenodeids: { ints: [1, 0, 0, 1, 0, 0] },
  nodes_falsenodeids: { ints: [2, 0, 0, 2, 0, 0] },
  nodes_missing_value_tracks_true: { ints: [1, 0, 0, 0, 0, 0] },
};
const weights = (prefix: 'target' | 'class'): Attributes => ({
  [`${prefix}_treeids`]: { ints: [0, 0, 1, 1] },
  [`${prefix}_nodeids`]: { ints: [1, 2, 1, 2] },
  [`${prefix}_ids`]: { ints: [0, 0, 0, 0] },
  [`${prefix}_weights`]: { floats: [0.1, 0.6, -0.2, 0.3] },
});

const encodedTrees: Pipeline = {
  name: 'categories, encoded by a table, and numbers, then trees and a sigmoid',
  inputs: { words: matrix('string', 2), numbers: matrix('float32', 3) },
  constants: {
    prefixes: constant('string', [1, 2], ['one=', 'two=']),
    defaults: constant('float32', [1, 2], [0.25, 0.5]),
    axes: integers(1),
  },
  nodes: [
    onnx('StringConcat', 'prefixes words', 'keys'),
    ml('LabelEncoder', 'keys', 'codes', {
      keys_strings: { texts: ['one=a', 'one=Oui', 'two=b', 'two=Célibataire'] },
      values_floats: { floats: [0.125, 1, -1, 3] },
      default_float: { float: Number.NaN },
    }),
    onnx('IsNaN', 'codes', 'unknown'),
    onnx('Where', 'unknown defaults codes', 'encoded'),
    onnx('Concat', 'encoded numbers', 'columns', { axis: { int: 1 } }),
    ml('TreeEnsembleRegressor', 'columns', 'score', { n_targets: { int: 1 }, ...stumps, ...weights('target') }),
    onnx('Sigmoid', 'score', 'column'),
    onnx('Squeeze', 'column axes', 'probability'),
  ],
  outputs: [PROBABILITY],
  fetches: ['probability'],
  oldest: 20,
};

/** As skl2onnx converts a pipeline: the probability of one class is taken from those of all. */
const classifierOf = (labels: Attributes, name: string): Pipeline => ({
  name: `a classifier with ${name}, whose probabilities are also given as maps`,
  inputs: { words: matrix('string', 1), numbers: matrix('float32', 3), counts: matrix('int64', 2) },
  constants: { second: integers(1), flat: integers(-1), threeColumns: integers(-1, 3) },
  nodes: [
    ml('Imputer', 'numbers', 'filled', {
      imputed_value_floats: { floats: [1, 2, 3] },
      replaced_value_float: { float: Number.NaN },
    }),
    ml('Scaler', 'filled', 'scaled', { offset: { floats: [0, 1, 2] }, scale: { floats: [1, 0.5, 2] } }),
    ml('OneHotEncoder', 'words', 'ones', { cats_strings: { texts: ['a', 'b', 'Oui'] }, zeros: { int: 1 } }),
    onnx('Reshape', 'ones threeColumns', 'flatOnes'),
    onnx('Cast', 'counts', 'asFloats', { to: { int: 1 } }),
    onnx('Concat', 'scaled flatOnes asFloats', 'columns', { axis: { int: 1 } }),
    ml('TreeEnsembleClassifier', 'columns', 'label probabilities', {
      ...stumps,
      ...weights('class'),
      ...labels,
      post_transform: { text: 'LOGISTIC' },
    }),
    ml('ZipMap', 'probabilities', 'maps', labels),
    ml('ArrayFeatureExtractor', 'probabilities second', 'column'),
    onnx('Reshape', 'column flat', 'probability'),
  ],
  outputs: ['label', PROBABILITY, 'maps'],
  fetches: ['label', 'probability'],
});

function layers(activation: string, attributes: Attributes = {}): Pipeline {
  const wide = Array.from({ length: 160 }, (_, i) => ((i % 9) - 4) / 8);
  return {
    name: `a neural network with ${activation}`,
    inputs: { numbers: matrix('float32', 10) },
    constants: {
      w1: constant('float32', [10, 16], wide),
      b1: constant('float32', [16], wide.slice(0, 16)),
      w2: constant('float32', [16, 4], wide.slice(0, 64)),
      b2: constant('float32', [4], wide.slice(0, 4)),
      w3: constant('float32', [4, 1], [0.5, -0.5, 1, 2]),
      b3: constant('float32', [1], [0.25]),
    },
    nodes: [
      onnx('MatMul', 'numbers w1', 'm1'),
      onnx('Add', 'm1 b1', 'a1'),
      onnx(activation, 'a1', 'h1', attributes),
      onnx('Gemm', 'h1 w2 b2', 'g2'),
      onnx(activation, 'g2', 'h2', attributes),
      onnx('MatMul', 'h2 w3', 'm3'),
      onnx('Add', 'm3 b3', 'a3'),
      onnx('Sigmoid', 'a3', 'probability'),
    ],
    outputs: ['probability'],
  };
}

const doubles: Pipeline = {
  name: 'a logistic regression in float64, its score cast and cut back',
  inputs: { numbers: matrix('float32', 4) },
  constants: {
    mean: constant('float64', [4], [1, 2, 3, 4]),
    deviation: constant('float64', [4], [1, 2, 1, 2]),
    coefficients: constant('float64', [4, 2], [0.1, -0.1, 0.2, 0.3, -0.4, 0.5, 1, -1]),
    intercepts: constant('float64', [2], [0.5, -0.5]),
    second: constant('int64', [1], [1]),
    axes: integers(1),
  },
  nodes: [
    onnx('Cast', 'numbers', 'wide', { to: { int: 11 } }),
    onnx('Sub', 'wide mean', 'centred'),
    onnx('Div', 'centred deviation', 'scaled'),
    onnx('MatMul', 'scaled coefficients', 'product'),
    onnx('Add', 'product intercepts', 'scores'),
    onnx('Softmax', 'scores', 'probabilities', { axis: { int: 1 } }),
    onnx('ArgMax', 'probabilities', 'label', { axis: { int: 1 }, keepdims: { int: 0 } }),
    onnx('Gather', 'probabilities second', 'column', { axis: { int: 1 } }),
    onnx('Squeeze', 'column axes', 'flat'),
    onnx('Cast', 'flat', 'probability', { to: { int: 1 } }),
  ],
  outputs: ['label', PROBABILITY],
  fetches: ['label', 'probability'],
};

const shapesOfShapes: Pipeline = {
  name: 'shapes that are computed from shapes',
  inputs: { numbers: matrix('float32', 6) },
  constants: {
    zero: integers(0),
    three: integers(3),
    one: integers(1),
    minus: integers(-1),
    half: constant('float32', [1], [0.5]),
  },
  nodes: [
    onnx('Shape', 'numbers', 'shape'),
    onnx('Gather', 'shape zero', 'rows', { axis: { int: 0 } }),
    onnx('Mul', 'three one', 'columns'),
    onnx('Concat', 'rows columns minus', 'wanted', { axis: { int: 0 } }),
    onnx('Reshape', 'numbers wanted', 'cube'),
    onnx('Identity', 'cube', 'same'),
    onnx('Transpose', 'same', 'turned', { perm: { ints: [0, 2, 1] } }),
    onnx('Transpose', 'turned', 'back', { perm: { ints: [0, 2, 1] } }),
    onnx('Expand', 'half shape', 'halves'),
    onnx('Flatten', 'back', 'flat', { axis: { int: 1 } }),
    onnx('Mul', 'flat halves', 'product'),
    onnx('Dropout', 'product', 'kept'),
    onnx('ReduceSum', 'kept one', 'probability', { keepdims: { int: 0 } }),
  ],
  outputs: ['probability'],
};

const LABELS: [string, Attributes][] = [
  ['words', { classlabels_strings: { texts: ['stays', 'leaves'] } }],
  ['numbers', { classlabels_int64s: { ints: [0, 1] } }],
];

const all: Pipeline[] = [
  encodedTrees,
  ...LABELS.map(([name, labels]) => classifierOf(labels, name)),
  layers('Relu'),
  layers('Tanh'),
  layers('Sigmoid'),
  layers('LeakyRelu', { alpha: { float: 0.1 } }),
  layers('Elu'),
  layers('Softplus'),
  doubles,
  shapesOfShapes,
];

/** Graphs of several operators, which the runtime joins where it can when it loads them. */
export const pipelines: Case[] = all.flatMap(({ name, inputs, constants = {}, nodes, outputs, fetches, oldest = 0 }) =>
  OPSETS.filter((opsets) => opsets['ai.onnx'] >= oldest).flatMap((opsets) =>
    STYLES.map((style) => ({
      kind: name,
      name: `${name}, of opset ${opsets['ai.onnx']}, ${style}`,
      graph: {
        inputs: Object.entries(inputs).map(([input, { type, dims }]) => ({
          name: input,
          type,
          dims: dims.map(orNull),
        })),
        outputs,
        constants,
        nodes,
        opsets,
        style,
      },
      inputs,
      fetches: fetches ?? outputs.filter((output) => typeof output === 'string'),
      rows: ROWS,
    })),
  ),
);

import type { Attributes, TensorValue } from '../onnx-graph.ts';
import { constant, matrix, type OperatorCase } from './case.ts';

/** Around the numbers of rows from which the runtime goes through the trees, or through the rows, in blocks. */
const TREE_ROWS = [1, 2, 3, 16, 50, 51, 129, 250, 10_000];
/** One size of each kind is enough. */
const FEW_ROWS = [1, 2, 51, 250];
const FEATURES = 5;

const INTEGER_TYPES = ['int64', 'int32'] as const;
const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'] as const;
const TRANSFORMS = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'] as const;

type Shape = {
  trees: number;
  depth: number;
  /** How many numbers a leaf adds to; a leaf may have one for each of them. */
  targets: number;
  everyTarget?: boolean;
  /** The comparison at a node, by its number. */
  mode: (node: number) => string;
  missingIsTrue?: boolean;
  negative?: boolean;
};

type Split = { tree: number; node: number; feature: number; value: number; mode: string; yes: number; no: number };
type Leaf = { tree: number; node: number; target: number; weight: number };

/** Complete binary trees; node n has the children 2n + 1 and 2n + 2. */
function grow({ trees, depth, mode, ...leaf }: Shape): { splits: Split[]; leaves: Leaf[] } {
  const inner = 2 ** depth - 1;
  const places = range(trees).flatMap((tree) => range(2 * inner + 1).map((node) => ({ tree, node })));
  return {
    splits: places.map(({ tree, node }) => ({
      tree,
      node,
      feature: (tree + node) % FEATURES,
      value: ((tree * 7 + node * 3) % 9) - 4,
      ...(node < inner ? { mode: mode(node), yes: 2 * node + 1, no: 2 * node + 2 } : { mode: 'LEAF', yes: 0, no: 0 }),
    })),
    leaves: places.filter(({ node }) => node >= inner).flatMap(({ tree, node }) => weigh(tree, node, leaf)),
  };
}

function weigh(tree: number, node: number, shape: Pick<Shape, 'targets' | 'everyTarget' | 'negative'>): Leaf[] {
  const { targets, everyTarget = false, negative = true } = shape;
  const own = everyTarget ? range(targets) : [(tree + node) % targets];
  const lowest = negative ? -5 : 1;
  return own.map((target) => ({ tree, node, target, weight: (((tree + node + target) % 11) + lowest) / 16 }));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** The attributes that the regressor and the classifier share; `asDouble` writes numbers as tensors, as opset 3 allows. */
function attributesOf(shape: Shape, prefix: 'target' | 'class', asDouble: boolean): Attributes {
  const { splits, leaves } = grow(shape);
  const numbers = (name: string, values: readonly number[]): Attributes =>
    asDouble
      ? { [`${name}_as_tensor`]: { tensor: constant('float64', [values.length], values) } }
      : { [name]: { floats: values } };
  return {
    nodes_treeids: { ints: splits.map(({ tree }) => tree) },
    nodes_nodeids: { ints: splits.map(({ node }) => node) },
    nodes_featureids: { ints: splits.map(({ feature }) => feature) },
    ...numbers(
      'nodes_values',
      splits.map(({ value }) => value),
    ),
    nodes_modes: { texts: splits.map(({ mode }) => mode) },
    nodes_truenodeids: { ints: splits.map(({ yes }) => yes) },
    nodes_falsenodeids: { ints: splits.map(({ no }) => no) },
    ...(shape.missingIsTrue && { nodes_missing_value_tracks_true: { ints: splits.map(({ node }) => node % 2) } }),
    [`${prefix}_treeids`]: { ints: leaves.map(({ tree }) => tree) },
    [`${prefix}_nodeids`]: { ints: leaves.map(({ node }) => node) },
    [`${prefix}_ids`]: { ints: leaves.map(({ target }) => target) },
    ...numbers(
      `${prefix}_weights`,
      leaves.map(({ weight }) => weight),
    ),
  };
}

const leq = () => 'BRANCH_LEQ';
const mixed = (node: number) => MODES[node % MODES.length] ?? 'BRANCH_LEQ';
const few = { trees: 3, depth: 3 };

/** The shapes for which the runtime has code of its own. */
const SHAPES: Shape[] = [
  { trees: 1, depth: 2, targets: 1, mode: leq },
  { ...few, targets: 1, mode: leq, missingIsTrue: true },
  { trees: 120, depth: 2, targets: 1, mode: leq },
  { ...few, targets: 1, mode: mixed },
  { ...few, targets: 1, mode: mixed, missingIsTrue: true },
  // As large as published models are.
  { trees: 300, depth: 6, targets: 1, mode: leq },
  { trees: 1, depth: 0, targets: 1, mode: leq },
  ...[false, true].flatMap((missingIsTrue) =>
    MODES.map((mode): Shape => ({ ...few, targets: 1, mode: () => mode, missingIsTrue })),
  ),
  { trees: 1, depth: 2, targets: 3, everyTarget: true, mode: leq },
  { ...few, targets: 3, mode: leq },
  { ...few, targets: 3, everyTarget: true, mode: mixed, missingIsTrue: true },
  { trees: 120, depth: 2, targets: 3, everyTarget: true, mode: leq },
];

function regressors(): OperatorCase[] {
  const operator = 'ai.onnx.ml.TreeEnsembleRegressor';
  const one = (shape: Shape, type: 'float32' | 'float64', more: Attributes, rows = TREE_ROWS): OperatorCase => ({
    operator,
    inputs: [matrix(type, FEATURES)],
    attributes: {
      n_targets: { int: shape.targets },
      ...attributesOf(shape, 'target', type === 'float64'),
      ...more,
    },
    rows,
    from: type === 'float64' ? 3 : 1,
    to: 4,
  });
  return (['float32', 'float64'] as const).flatMap((type) => [
    ...SHAPES.map((shape) => one(shape, type, {})),
    ...[1, 3].flatMap((targets) =>
      ['SUM', 'AVERAGE', 'MIN', 'MAX'].flatMap((aggregate) =>
        [1, 3, 120].flatMap((trees) =>
          (trees === 3 ? TRANSFORMS : (['NONE', 'LOGISTIC'] as const)).map((transform) =>
            one(
              { trees, depth: 2, targets, mode: leq },
              type,
              {
                aggregate_function: { text: aggregate },
                post_transform: { text: transform },
                ...(transform !== 'LOGISTIC' && base(targets, type === 'float64')),
              },
              FEW_ROWS,
            ),
          ),
        ),
      ),
    ),
  ]);
}

function base(length: number, asDouble: boolean): Attributes {
  const values = Array.from({ length }, (_, i) => 0.25 + i / 8);
  return asDouble
    ? { base_values_as_tensor: { tensor: constant('float64', [length], values) } }
    : { base_values: { floats: values } };
}

function classifiers(): OperatorCase[] {
  const operator = 'ai.onnx.ml.TreeEnsembleClassifier';
  const labels = (classes: number, asText: boolean): Attributes =>
    asText
      ? { classlabels_strings: { texts: Array.from({ length: classes }, (_, i) => `label number ${i}`) } }
      : { classlabels_int64s: { ints: Array.from({ length: classes }, (_, i) => i * 10) } };
  const one = (
    shape: Shape,
    classes: number,
    type: 'float32' | 'float64' | 'int64' | 'int32',
    more: Attributes,
    asText = false,
  ): OperatorCase => ({
    operator,
    inputs: [matrix(type, FEATURES)],
    attributes: { ...labels(classes, asText), ...attributesOf(shape, 'class', type === 'float64'), ...more },
    outputs: 2,
    rows: FEW_ROWS,
    from: type === 'float64' ? 3 : 1,
    to: 4,
  });
  const types = ['float32', 'float64', ...INTEGER_TYPES] as const;
  return types.flatMap((type) =>
    [false, true].flatMap((asText) => [
      // Two classes with weights of the one that is meant, as gradient boosting has them, or of both, as a forest has.
      ...[true, false].flatMap((negative) =>
        [1, 3, 120].flatMap((trees) =>
          TRANSFORMS.map((transform) =>
            one(
              { trees, depth: 2, targets: 1, mode: leq, negative },
              2,
              type,
              {
                post_transform: { text: transform },
                ...(transform === 'LOGISTIC' && base(1, type === 'float64')),
              },
              asText,
            ),
          ),
        ),
      ),
      ...[2, 3].flatMap((classes) =>
        [1, 3, 120].flatMap((trees) =>
          TRANSFORMS.flatMap((transform) =>
            [true, false].map((everyTarget) =>
              one(
                {
                  trees,
                  depth: 2,
                  targets: classes,
                  everyTarget,
                  mode: everyTarget ? leq : mixed,
                  missingIsTrue: !everyTarget,
                },
                classes,
                type,
                { post_transform: { text: transform }, ...(everyTarget && base(classes, type === 'float64')) },
                asText,
              ),
            ),
          ),
        ),
      ),
      one({ trees: 1, depth: 2, targets: 1, mode: leq, negative: false }, 1, type, {}, asText),
    ]),
  );
}

/** The one operator of opset 5 that replaces both; the leaves and the inner nodes have lists of their own there. */
function ensembles(): OperatorCase[] {
  return (['float32', 'float64'] as const).flatMap((type) =>
    [1, 3].flatMap((targets) =>
      [0, 1, 2, 3].flatMap((aggregate) =>
        [0, 1, 2, 3, 4].flatMap((transform) =>
          [1, 120].map(
            (trees): OperatorCase => ({
              operator: 'ai.onnx.ml.TreeEnsemble',
              inputs: [matrix(type, FEATURES)],
              attributes: {
                n_targets: { int: targets },
                aggregate_function: { int: aggregate },
                post_transform: { int: transform },
                ...stumps(trees, targets, type, transform),
              },
              rows: FEW_ROWS,
              from: 5,
            }),
          ),
        ),
      ),
    ),
  );
}

/** Trees of one inner node and two leaves, in all modes where there are many: 0 is ≤, 6 is membership in a set. */
function stumps(trees: number, targets: number, type: 'float32' | 'float64', mode: number): Attributes {
  const nodes = Array.from({ length: trees }, (_, i) => i);
  const leaves = Array.from({ length: 2 * trees }, (_, i) => i);
  const modes = nodes.map((node) => (trees === 1 ? mode : node % 7));
  const numbers = (values: readonly number[]): TensorValue => constant(type, [values.length], values);
  // The sets, in the order of their nodes, each followed by a NaN.
  const members = modes.filter((it) => it === 6).flatMap(() => [1, 3, Number.NaN]);
  return {
    tree_roots: { ints: nodes },
    nodes_featureids: { ints: nodes.map((node) => node % FEATURES) },
    nodes_modes: { tensor: constant('uint8', [trees], modes) },
    nodes_splits: { tensor: numbers(nodes.map((node) => (node % 7) - 3)) },
    nodes_truenodeids: { ints: nodes.map((node) => 2 * node) },
    nodes_trueleafs: { ints: nodes.map(() => 1) },
    nodes_falsenodeids: { ints: nodes.map((node) => 2 * node + 1) },
    nodes_falseleafs: { ints: nodes.map(() => 1) },
    ...(trees > 1 && { nodes_missing_value_tracks_true: { ints: nodes.map((node) => node % 2) } }),
    leaf_targetids: { ints: leaves.map((leaf) => leaf % targets) },
    leaf_weights: { tensor: numbers(leaves.map((leaf) => ((leaf % 11) - 5) / 16)) },
    ...(members.length > 0 && { membership_values: { tensor: numbers(members) } }),
  };
}

/** Forests and boosted trees in each form in which scikit-learn, XGBoost and LightGBM are converted. */
export const treeEnsembles: OperatorCase[] = [...regressors(), ...classifiers(), ...ensembles()];

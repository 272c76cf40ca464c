import type { Attributes, ElementType } from '../onnx-graph.ts';
import { constant, integers, matrix, type OperatorCase } from './case.ts';

const NUMBERS = ['float32', 'float64', 'int64', 'int32'] as const;
const ONE_HOT = ['float32', 'float64', 'int64'] as const;
const TRANSFORMS = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'];
const MANY_ROWS = [1, 2, 3, 17, 129, 1000];
const WORDS = ['a', 'b', 'Oui', 'a word that is longer than a short string can be'];

/** An operator of one matrix of three columns, for each type of its elements. */
function ml(operator: string, types: readonly ElementType[], attributes: Attributes, more: Partial<OperatorCase> = {}) {
  return types.map(
    (type): OperatorCase => ({
      operator: `ai.onnx.ml.${operator}`,
      inputs: [matrix(type, 3)],
      attributes,
      rows: MANY_ROWS,
      ...more,
    }),
  );
}

const preparation: OperatorCase[] = [
  ...ml('Scaler', NUMBERS, { offset: { floats: [1, 2, 3] }, scale: { floats: [0.5, 2, 1] } }),
  ...ml('Scaler', NUMBERS, { offset: { floats: [1] }, scale: { floats: [0.5] } }),
  ...['MAX', 'L1', 'L2'].flatMap((norm) => ml('Normalizer', NUMBERS, { norm: { text: norm } })),
  ...ml('Imputer', ['float32'], {
    imputed_value_floats: { floats: [1, 2, 3] },
    replaced_value_float: { float: Number.NaN },
  }),
  ...ml('Imputer', ['float32'], { imputed_value_floats: { floats: [7] }, replaced_value_float: { float: 1 } }),
  ...ml('Imputer', ['int64'], { imputed_value_int64s: { ints: [1, 2, 3] }, replaced_value_int64: { int: 1 } }),
  ...ml('Imputer', ['int64'], { imputed_value_int64s: { ints: [7] }, replaced_value_int64: { int: -1 } }),
  // It refuses what is not a number.
  ...ml('Binarizer', ['float32'], { threshold: { float: 0.5 } }, { inputs: [matrix('float32', 3, [-5, 5])] }),
  ...ml('OneHotEncoder', ONE_HOT, { cats_int64s: { ints: [-1, 0, 1, 2] }, zeros: { int: 1 } }),
  ...ml('OneHotEncoder', ['string'], { cats_strings: { texts: WORDS }, zeros: { int: 1 } }),
  ...ONE_HOT.map(
    (type): OperatorCase => ({
      operator: 'ai.onnx.ml.OneHotEncoder',
      inputs: [{ type, dims: ['rows'], range: [0, 0] }],
      attributes: { cats_int64s: { ints: [0] }, zeros: { int: 0 } },
    }),
  ),
  ...NUMBERS.flatMap((type) => [
    ...ml('FeatureVectorizer', [type], { inputdimensions: { ints: [3] } }),
    ...ml(
      'FeatureVectorizer',
      [type],
      { inputdimensions: { ints: [3, 2] } },
      { inputs: [matrix(type, 3), matrix(type, 2)] },
    ),
  ]),
  ...([...NUMBERS, 'string'] as const).flatMap((type) => [
    ...ml('ArrayFeatureExtractor', [type], {}, { inputs: [matrix(type, 4), integers(2)] }),
    ...ml(
      'ArrayFeatureExtractor',
      [type],
      {},
      { inputs: [matrix(type, 4), { type: 'int64', dims: [3], range: [0, 3] }] },
    ),
    ...ml(
      'ArrayFeatureExtractor',
      [type],
      {},
      {
        inputs: [
          { type, dims: [4] },
          { type: 'int64', dims: ['rows'], range: [0, 3] },
        ],
      },
    ),
  ]),
];

const categories: Attributes = { cats_strings: { texts: WORDS }, cats_int64s: { ints: [0, 1, 2, -1] } };

const encoders: OperatorCase[] = [
  ...ml('CategoryMapper', ['string'], { ...categories, default_int64: { int: -7 } }),
  ...ml('CategoryMapper', ['int64'], { ...categories, default_string: { text: 'something else' } }),
  ...ml('LabelEncoder', ['string'], { classes_strings: { texts: WORDS }, default_int64: { int: -1 } }, { to: 1 }),
  ...ml('LabelEncoder', ['int64'], { classes_strings: { texts: WORDS }, default_string: { text: '?' } }, { to: 1 }),
  ...labelEncoders(['string', 'int64', 'float32'], { from: 2 }),
  // More words than a table has places for at first.
  ...ml(
    'LabelEncoder',
    ['string'],
    {
      keys_strings: { texts: Array.from({ length: 1000 }, (_, i) => `the word number ${i}`) },
      values_floats: { floats: Array.from({ length: 1000 }, (_, i) => i / 8) },
    },
    { from: 2 },
  ),
  ...labelEncoders(['float64'], { from: 4 }),
  ...(['string', 'int64', 'float32', 'float64'] as const).flatMap((from) =>
    (['string', 'int64', 'float32', 'float64'] as const).flatMap((to) =>
      from === 'float64' || to === 'float64'
        ? []
        : ml(
            'LabelEncoder',
            [from],
            {
              keys_tensor: { tensor: constant(from, [4], keys(from)) },
              values_tensor: { tensor: constant(to, [4], keys(to)) },
              default_tensor: { tensor: constant(to, [1], keys(to).slice(2, 3)) },
            },
            { from: 4 },
          ),
    ),
  ),
];

type Key = 'string' | 'int64' | 'float32' | 'float64';

function keys(type: Key): (string | number)[] {
  if (type === 'string') return WORDS;
  return type === 'int64' ? [-1, 0, 1, 2] : [-1, 0, 1, Number.NaN];
}

/** From each type to each that the runtime knows for it. */
function labelEncoders(types: readonly Key[], opsets: Pick<OperatorCase, 'from'>): OperatorCase[] {
  return types.flatMap((from) =>
    types.flatMap((to) => {
      const mapping: Attributes =
        from === 'float64'
          ? {
              keys_tensor: { tensor: constant(from, [4], keys(from)) },
              values_tensor: { tensor: constant(to, [4], keys(to)) },
              default_tensor: { tensor: constant(to, [1], [9]) },
            }
          : { ...keyList('keys', from), ...keyList('values', to) };
      return [{}, defaultOf(to)].flatMap((preset) => ml('LabelEncoder', [from], { ...mapping, ...preset }, opsets));
    }),
  );
}

function keyList(prefix: 'keys' | 'values', type: Key): Attributes {
  if (type === 'string') return { [`${prefix}_strings`]: { texts: WORDS } };
  const numbers = keys(type).map(Number);
  return type === 'int64' ? { [`${prefix}_int64s`]: { ints: numbers } } : { [`${prefix}_floats`]: { floats: numbers } };
}

function defaultOf(type: Key): Attributes {
  if (type === 'string') return { default_string: { text: 'none of them' } };
  if (type === 'int64') return { default_int64: { int: -5 } };
  return type === 'float32' ? { default_float: { float: Number.NaN } } : {};
}

const linear: OperatorCase[] = [
  ...[1, 3].flatMap((targets) =>
    TRANSFORMS.flatMap((transform) =>
      [true, false].flatMap((withIntercepts) =>
        ml('LinearRegressor', ['float32'], {
          coefficients: { floats: ramp(3 * targets) },
          targets: { int: targets },
          post_transform: { text: transform },
          ...(withIntercepts && { intercepts: { floats: ramp(targets) } }),
        }),
      ),
    ),
  ),
  // Two classes may be given by the coefficients of one of them.
  ...[
    { classes: 2, lines: 1 },
    { classes: 2, lines: 2 },
    { classes: 3, lines: 3 },
  ].flatMap(({ classes, lines }) =>
    TRANSFORMS.flatMap((transform) =>
      [0, 1].flatMap((multi) =>
        labels(classes).flatMap((classLabels) =>
          ml(
            'LinearClassifier',
            NUMBERS,
            {
              coefficients: { floats: ramp(3 * lines) },
              intercepts: { floats: ramp(lines) },
              multi_class: { int: multi },
              post_transform: { text: transform },
              ...classLabels,
            },
            { outputs: 2 },
          ),
        ),
      ),
    ),
  ),
];

function labels(classes: number, ints = 'classlabels_ints'): Attributes[] {
  return [
    { classlabels_strings: { texts: Array.from({ length: classes }, (_, i) => `label number ${i}`) } },
    { [ints]: { ints: Array.from({ length: classes }, (_, i) => 10 * i) } },
  ];
}

const KERNELS = ['LINEAR', 'POLY', 'RBF', 'SIGMOID'];

const vectorMachines: OperatorCase[] = KERNELS.flatMap((kernel) => {
  const shared: Attributes = { kernel_type: { text: kernel }, kernel_params: { floats: [0.25, 0.5, 2] } };
  return [
    ...TRANSFORMS.flatMap((transform) =>
      [0, 1].flatMap((oneClass) =>
        ml('SVMRegressor', ['float32'], {
          ...shared,
          n_supports: { int: 5 },
          support_vectors: { floats: ramp(15) },
          coefficients: { floats: ramp(5) },
          rho: { floats: [0.5] },
          one_class: { int: oneClass },
          post_transform: { text: transform },
        }),
      ),
    ),
    ...[2, 3].flatMap((classes) =>
      [true, false].flatMap((withProbabilities) =>
        labels(classes).flatMap((classLabels) =>
          TRANSFORMS.flatMap((transform) =>
            ml(
              'SVMClassifier',
              NUMBERS,
              {
                ...shared,
                ...machine(classes, withProbabilities),
                ...classLabels,
                post_transform: { text: transform },
              },
              { outputs: 2, rows: [1, 2, 17, 1000] },
            ),
          ),
        ),
      ),
    ),
  ];
});

/** Without supports, the coefficients are those of lines. */
const lines: Attributes = {
  kernel_type: { text: 'LINEAR' },
  kernel_params: { floats: [0, 0, 0] },
  rho: { floats: [0.5] },
};
const linesOnly: OperatorCase[] = [
  ...ml('SVMRegressor', ['float32'], { ...lines, coefficients: { floats: ramp(3) } }),
  ...labels(2).flatMap((classLabels) =>
    ml('SVMClassifier', NUMBERS, { ...lines, ...classLabels, coefficients: { floats: ramp(6) } }, { outputs: 2 }),
  ),
];

/** The vectors of a machine with two supports a class; each pair of classes has a line between them. */
function machine(classes: number, withProbabilities: boolean): Attributes {
  const supports = 2 * classes;
  const pairs = (classes * (classes - 1)) / 2;
  return {
    vectors_per_class: { ints: Array.from({ length: classes }, () => 2) },
    support_vectors: { floats: ramp(3 * supports) },
    coefficients: { floats: ramp(supports * (classes - 1)) },
    rho: { floats: ramp(pairs) },
    ...(withProbabilities && { prob_a: { floats: ramp(pairs) }, prob_b: { floats: ramp(pairs) } }),
  };
}

function ramp(length: number): number[] {
  return Array.from({ length }, (_, i) => ((i % 7) - 2) / 4);
}

/** The operators of ai.onnx.ml but for trees, and for those whose input is a map, which a contract's inputs cannot be. */
export const mlOperators: OperatorCase[] = [...preparation, ...encoders, ...linear, ...vectorMachines, ...linesOnly];

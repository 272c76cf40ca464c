import * as z from 'zod';
import { findInconsistencies } from './consistency.ts';

/**
 * The contract of a model version: `contract.json`, published beside `model.onnx`.
 *
 * It is the only description of what a model accepts, computes and answers. Everything else (request schema, tensors,
 * documentation, forms) is derived from it, so that publishing a model with other features needs no code change.
 */

export const Text = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) });
export type Text = z.infer<typeof Text>;

const Probability = z.number().min(0).max(1);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');
/** A field of a record by this name would be its prototype. */
const FieldName = z.string().regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/);
/** Labels and risk bands are keys of the database's indexes, which have a limit. */
const MAX_INDEXED_LENGTH = 100;
const Scalar = z.union([z.string(), z.number(), z.boolean()]);

/** An interval of values in the feature's unit. Each bound is inclusive, unless it is marked as exclusive. */
const Interval = z.strictObject({
  min: z.number(),
  max: z.number(),
  exclusiveMin: z.boolean().default(false),
  exclusiveMax: z.boolean().default(false),
});
export type Interval = z.infer<typeof Interval>;

const FeatureBase = {
  name: FieldName,
  label: Text,
  /** What the value means, for whoever fills it in. */
  help: Text.optional(),
  /** Id of the group (one of `groups`) under which a form shows the feature. */
  group: z.string(),
  /** Other spellings of the name that a request may use. */
  aliases: z.array(FieldName).default([]),
};

const NumericFeature = z.strictObject({
  ...FeatureBase,
  type: z.enum(['integer', 'number']),
  unit: Text.optional(),
  /** A value outside is refused. */
  accepted: Interval,
  /** A value outside was never seen in training: it is predicted, with a warning. */
  seen: z.strictObject({ min: z.number(), max: z.number() }),
  /** Ranges inside `accepted` that are nearly always a mistake (a fraction given for percent points, say). */
  refused: z.array(z.strictObject({ interval: Interval, hint: Text })).default([]),
  /** A sign that may follow the number when it is written as text, as in "11 %". */
  suffix: z.string().min(1).optional(),
});

const CategoricalFeature = z.strictObject({
  ...FeatureBase,
  type: z.literal('category'),
  /** Every value that the model was trained on, in ascending order where `ordered`. */
  categories: z
    .array(
      z.strictObject({
        value: z.string().min(1),
        label: Text,
        /** Other spellings of the value that a request may use. */
        aliases: z.array(z.union([z.string().min(1), z.boolean()])).default([]),
      }),
    )
    .min(1),
  ordered: z.boolean().default(false),
});

export const Feature = z.discriminatedUnion('type', [NumericFeature, CategoricalFeature]);
export type Feature = z.infer<typeof Feature>;
export type NumericFeature = z.infer<typeof NumericFeature>;
export type CategoricalFeature = z.infer<typeof CategoricalFeature>;

/** A relation between two numeric features, `left <= right + offset`. A record that breaks it is refused. */
const OrderRule = z.strictObject({
  id: z.string().min(1),
  type: z.literal('at-most'),
  left: FieldName,
  right: FieldName,
  offset: z.number().default(0),
  message: Text,
});

/** The combinations of categories that occur in training. Any other one is predicted, with a warning. */
const CombinationRule = z.strictObject({
  id: z.string().min(1),
  type: z.literal('seen-combinations'),
  fields: z.array(FieldName).min(2),
  combinations: z.array(z.array(z.string())).min(1),
  message: Text,
});

export const Rule = z.discriminatedUnion('type', [OrderRule, CombinationRule]);
export type Rule = z.infer<typeof Rule>;
export type OrderRule = z.infer<typeof OrderRule>;
export type CombinationRule = z.infer<typeof CombinationRule>;

/** One input of the graph: a matrix of shape [rows, features.length], whose columns are the features in this order. */
const GraphInput = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['string', 'float32', 'int64']),
  features: z.array(FieldName).min(1),
});
export type GraphInput = z.infer<typeof GraphInput>;

const Graph = z.strictObject({
  file: z.literal('model.onnx'),
  sha256: Sha256,
  bytes: z.int().positive(),
  opsets: z.record(z.string(), z.int().positive()),
  inputs: z.array(GraphInput).min(1).max(3),
  /** A float32 tensor of shape [rows]: the probability of the positive label. */
  output: z.string().min(1),
});

const RiskBand = z.strictObject({
  id: z
    .string()
    .max(MAX_INDEXED_LENGTH)
    .regex(/^[a-z][a-z-]*$/),
  label: Text,
  /** The band's lowest probability, inclusive. Its upper limit is the next band's `from`. */
  from: Probability,
});
export type RiskBand = z.infer<typeof RiskBand>;

const OutputLabel = z.strictObject({ value: z.string().min(1).max(MAX_INDEXED_LENGTH), label: Text });

const Output = z.strictObject({
  /** The column of the training data that the model predicts, and its two values there. */
  target: z.strictObject({ name: FieldName, positive: Scalar, negative: Scalar }),
  positive: OutputLabel,
  negative: OutputLabel,
  /** A record is given the positive label from this probability on, inclusive. */
  threshold: Probability,
  thresholdCriterion: Text,
  /** In ascending order of `from`; the first one starts at 0. */
  bands: z.array(RiskBand).min(1),
});

/** Mean and standard deviation over the repetitions and folds of the cross-validation. */
const Metric = z.strictObject({ mean: z.number(), std: z.number().nonnegative() });

const Metrics = z.strictObject({
  method: z.string().min(1),
  rocAuc: Metric,
  averagePrecision: Metric,
  f1: Metric,
  precision: Metric,
  recall: Metric,
  accuracy: Metric,
  brier: Metric,
  /** Expected calibration error, over ten bins of equal width. */
  ece: Metric,
});

/** Counts of the training rows, to compare live traffic with: by category, or between consecutive `edges`. */
const CategoryHistogram = z.strictObject({ counts: z.record(z.string(), z.int().nonnegative()) });
const NumericHistogram = z.strictObject({
  /** Bin i holds edges[i] <= x < edges[i + 1]; the last bin includes its upper edge. */
  edges: z.array(z.number()).min(2),
  counts: z.array(z.int().nonnegative()).min(1),
});

const Baseline = z.strictObject({
  rows: z.int().positive(),
  positiveRate: Probability,
  features: z.record(FieldName, z.union([NumericHistogram, CategoryHistogram])),
  /** Out-of-fold probabilities. */
  probability: NumericHistogram,
});

/** A made-up record in canonical spelling, with the probability that the training pipeline gave it. */
const GoldenCase = z.strictObject({
  /** One value a feature, in the order of `features`. */
  values: z.array(z.union([z.string(), z.number()])),
  probability: Probability,
});

const Example = z.strictObject({
  label: Text,
  input: z.record(FieldName, z.union([z.string(), z.number()])),
  probability: Probability,
});

/** How the graph compares with the training pipeline over made-up rows. */
const Parity = z.strictObject({
  rows: z.int().positive(),
  maxAbsDifference: z.number().nonnegative(),
  labelFlips: z.int().nonnegative(),
  /** The largest difference of probabilities that is accepted, here and for the golden cases. */
  tolerance: z.number().positive().max(1e-5),
});

const Provenance = z.strictObject({
  trainedAt: z.iso.datetime(),
  algorithm: z.string().min(1),
  packages: z.record(z.string(), z.string()),
  python: z.string(),
  /** sha256 of each file of the training data, by its name. Empty for a converted model whose data is not at hand. */
  data: z.record(z.string(), Sha256),
  seed: z.int().optional(),
});

/** The contract's fields, before they are checked against each other. */
export const ContractFields = z.strictObject({
  contractVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: Text,
  description: Text,
  license: z.string().min(1),
  graph: Graph,
  groups: z.array(z.strictObject({ id: z.string(), label: Text })).min(1),
  /** Who a record is about: an optional positive integer that is recorded with the prediction and never a model input. */
  identifier: z
    .strictObject({
      name: FieldName,
      label: Text,
      aliases: z.array(FieldName).default([]),
      /** A text that may precede the number, as in "E_12". */
      prefixes: z.array(z.string().min(1)).default([]),
    })
    .optional(),
  features: z.array(Feature).min(1),
  /** Fields that a record may hold and that the model does not use, and why. */
  ignored: z.array(z.strictObject({ name: FieldName, reason: Text })).default([]),
  rules: z.array(Rule).default([]),
  output: Output,
  metrics: Metrics.optional(),
  baseline: Baseline.optional(),
  parity: Parity,
  examples: z.array(Example).min(1),
  golden: z.array(GoldenCase).min(1),
  provenance: Provenance,
});

export const Contract = ContractFields.superRefine((contract, context) => {
  for (const message of findInconsistencies(contract)) context.addIssue({ code: 'custom', message });
});
export type Contract = z.infer<typeof Contract>;

import * as z from 'zod';
import { Feature } from './features/features.ts';
import { FeatureValue } from './features/kind.ts';
import { Graph } from './graph.ts';
import { Output, withExpectation } from './outputs/outputs.ts';
import { Rule } from './rules.ts';
import { FieldName, Text } from './text.ts';

const Probability = z.number().min(0).max(1);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

/** Mean and standard deviation over the repetitions and folds of the cross-validation. */
const Metric = z.strictObject({ mean: z.number(), std: z.number().nonnegative() });

const BinaryMetrics = z.strictObject({
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
const MulticlassMetrics = z.strictObject({ method: z.string().min(1), accuracy: Metric, macroF1: Metric });
const RegressionMetrics = z.strictObject({ method: z.string().min(1), mae: Metric, rmse: Metric, r2: Metric });
const Metrics = z.union([BinaryMetrics, MulticlassMetrics, RegressionMetrics]);

/** Counts of the training rows, to compare live traffic with: by category, or between consecutive `edges`. */
const CategoryHistogram = z.strictObject({ counts: z.record(z.string(), z.int().nonnegative()) });
const NumericHistogram = z.strictObject({
  /** Bin i holds edges[i] <= x < edges[i + 1]; the last bin includes its upper edge. */
  edges: z.array(z.number()).min(2),
  counts: z.array(z.int().nonnegative()).min(1),
});

const baselineOfRows = {
  rows: z.int().positive(),
  features: z.record(FieldName, z.union([NumericHistogram, CategoryHistogram])),
};
/** What the outcomes are compared with is out-of-fold: probabilities, labels or values, by the kind of output. */
const Baseline = z.union([
  z.strictObject({ ...baselineOfRows, positiveRate: Probability, probability: NumericHistogram }),
  z.strictObject({ ...baselineOfRows, labels: CategoryHistogram }),
  z.strictObject({ ...baselineOfRows, value: NumericHistogram }),
]);

/** A made-up record in canonical spelling, with the output that the training pipeline gave it. */
const GoldenCase = withExpectation({
  /** One value a feature, in the order of `features`; null for a missing one. */
  values: z.array(FeatureValue),
});

const Example = withExpectation({
  label: Text,
  input: z.record(FieldName, FeatureValue),
});

/** How the graph compares with the training pipeline over made-up rows. */
const Parity = z.strictObject({
  rows: z.int().positive(),
  maxAbsDifference: z.number().nonnegative(),
  labelFlips: z.int().nonnegative(),
  /** The largest difference that is accepted, here and for the golden cases: of probabilities, or of values relative to max(1, |value|). */
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

const MAX_FEATURES = 5000;

/** The contract's fields, before they are checked against each other. */
export const ContractFields = z.strictObject({
  /** Where the published JSON Schema of this file is; nothing reads it. */
  $schema: z.string().optional(),
  /** Version 1 has none of what came later: its defaults are what version 1 means. */
  contractVersion: z.literal([1, 2]),
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: Text,
  description: Text,
  license: z.string().min(1),
  graph: Graph,
  groups: z.array(z.strictObject({ id: z.string(), label: Text })).min(1),
  /** Identifies the subject of a record: an optional positive integer, recorded with the prediction, and never a model input. */
  identifier: z
    .strictObject({
      name: FieldName,
      label: Text,
      aliases: z.array(FieldName).default([]),
      /** A text that may precede the number, as in "E_12". */
      prefixes: z.array(z.string().min(1)).default([]),
    })
    .optional(),
  /** The meaning of one record, such as an employee. */
  subject: z
    .strictObject({ singular: Text, plural: Text })
    .default({ singular: { fr: 'enregistrement', en: 'record' }, plural: { fr: 'enregistrements', en: 'records' } }),
  features: z.array(Feature).min(1).max(MAX_FEATURES),
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
export type ContractFields = z.infer<typeof ContractFields>;

import * as z from 'zod';
import { cellOf } from '../../tables/csv-writer.ts';
import { FieldName, Text } from '../text.ts';
import type { OutputKind, OutputTensor } from './kind.ts';
import { readColumn } from './output-column.ts';

/** One of two labels, from a probability and a threshold, and the risk band that the probability falls in. */

const Probability = z.number().min(0).max(1);
/** Labels and risk bands are keys of the database's indexes, which have a limit. */
const MAX_INDEXED_LENGTH = 100;
const Scalar = z.union([z.string(), z.number(), z.boolean()]);

const RiskBand = z.strictObject({
  id: z
    .string()
    .max(MAX_INDEXED_LENGTH)
    .regex(/^[a-z][a-z-]*$/),
  label: Text,
  /** The band's lowest probability, inclusive. Its upper limit is the next band's `from`. */
  from: Probability,
});
type RiskBand = z.infer<typeof RiskBand>;

const OutputLabel = z.strictObject({ value: z.string().min(1).max(MAX_INDEXED_LENGTH), label: Text });

/** The contract's output. The graph answers with one float a row: the probability of the positive label. */
export const BinaryOutput = z.strictObject({
  /** Absent in the contract's first version. */
  kind: z.literal('binary').optional(),
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
export type BinaryOutput = z.infer<typeof BinaryOutput>;

const Labelled = z.object({ value: z.string() });
/** The labels alone of an output. A version that no longer serves may lack the other fields. */
export const BinaryLabels = z
  .object({ positive: Labelled, negative: Labelled })
  .transform(({ positive, negative }) => [positive.value, negative.value]);

/** The answer about one record, which is also recorded. */
export const BinaryOutcome = z.strictObject({
  label: z.string(),
  probability: Probability,
  threshold: Probability,
  risk: z.string(),
});
export type BinaryOutcome = z.infer<typeof BinaryOutcome>;

/** The value that training got, in a golden case or an example. */
export const BinaryExpectation = z.strictObject({ probability: Probability });
export type BinaryExpectation = z.infer<typeof BinaryExpectation>;

/** The outcome alone, of an answer or a record that holds one among other fields. */
export function pickBinaryOutcome({ label, probability, threshold, risk }: BinaryOutcome): BinaryOutcome {
  return { label, probability, threshold, risk };
}

const { label, probability, threshold, risk } = BinaryOutcome.shape;

type Row = [label: string, probability: number, risk: string];

/** An outcome in a queue message: the part that all predictions of one request share, and the cells of each row, in order. */
export const BinaryMessage = {
  shared: { threshold },
  row: [label, probability, risk],
  sharedOf: (outcome: BinaryOutcome) => ({ threshold: outcome.threshold }),
  rowOf: ({ label, probability, risk }: BinaryOutcome): Row => [label, probability, risk],
  read: (shared: { threshold: number }, [label, probability, risk]: Row): BinaryOutcome => {
    return { label, probability, threshold: shared.threshold, risk };
  },
} as const;

/** Predictions whose outcome is known, counted by the predicted label and the observed one. */
export type BinaryComparison = {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
  /** The share of the predicted positives that were positive; null where none was predicted. */
  precision: number | null;
  /** The share of the positives that were predicted; null where there was none. */
  recall: number | null;
};

/** Gives meaning to the graph's answers, by the contract's output. */
export function binaryKind(
  output: BinaryOutput,
): OutputKind<number, BinaryOutcome, BinaryExpectation, BinaryComparison> {
  const { positive, negative, bands } = output;
  const labelOf = (it: number) => (it >= output.threshold ? positive : negative).value;
  return {
    defects() {
      const starts = bands.map(({ from }) => from);
      const isAscending = starts.every((from, i) => (i === 0 ? from === 0 : from > (starts[i - 1] ?? 0)));
      return isAscending ? [] : ['the risk bands must start at 0 and ascend'];
    },
    expectationDefect: (expected) =>
      'probability' in expected ? null : 'must have "probability": the output is of the kind binary',
    readRaw: readProbabilities,
    toOutcome(raw) {
      return { label: labelOf(raw), probability: raw, threshold: output.threshold, risk: bandOf(bands, raw).id };
    },
    labels: [positive, negative],
    rawOf: ({ probability }) => probability,
    distance: (actual, other) => Math.abs(actual - (other ?? Number.NaN)),
    isSameLabel: (actual, other) => labelOf(actual) === labelOf(other),
    compareWithOutcomes: (pairs) => compareLabels(pairs, positive.value),
    csv: {
      columns: ['label', 'probability', 'threshold', 'risk'],
      line: (it) => `${cellOf(it.label)},${it.probability},${it.threshold},${cellOf(it.risk)}`,
    },
    tensors: [
      { name: 'label', datatype: 'BYTES', read: (it) => it.label },
      { name: 'probability', datatype: 'FP64', read: (it) => it.probability },
      { name: 'risk', datatype: 'BYTES', read: (it) => it.risk },
      { name: 'threshold', datatype: 'FP64', read: (it) => it.threshold },
    ],
    describeFields() {
      const risks = bands.map(({ id, label, from }) => `\`${id}\` (${label.en}) from ${from}`);
      return {
        label: `\`${positive.value}\` (${positive.label.en}) or \`${negative.value}\` (${negative.label.en}).`,
        probability: `Of \`${positive.value}\`.`,
        threshold: `From this probability on the label is \`${positive.value}\`: ${output.threshold}. ${output.thresholdCriterion.en}`,
        risk: `The band that the probability falls in: ${risks.join(', ')}.`,
      };
    },
  };
}

/** Throws for a tensor of another type or shape, and for a value outside [0, 1], NaN included. */
function readProbabilities(tensor: OutputTensor, rows: number, column: number | null): number[] {
  const data = readColumn(tensor, rows, column);
  const wrong = data.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new Error(`output "${tensor.name}" holds ${wrong}, which is not a probability`);
  return data;
}

function bandOf(bands: readonly RiskBand[], value: number): RiskBand {
  // A loop, because findLast calls a function for each band of each row.
  for (let i = bands.length - 1; i >= 0; i--) {
    const band = bands[i];
    if (band && band.from <= value) return band;
  }
  throw new RangeError(`The probability ${value} is in no risk band.`);
}

/** https://scikit-learn.org/stable/modules/model_evaluation.html#precision-recall-and-f-measures, without a value for 0/0. */
function compareLabels(
  pairs: readonly { predicted: BinaryOutcome; observed: string | number }[],
  positive: string,
): BinaryComparison {
  const count = (predicted: boolean, observed: boolean) =>
    pairs.filter((it) => (it.predicted.label === positive) === predicted && (it.observed === positive) === observed)
      .length;
  const truePositives = count(true, true);
  const falsePositives = count(true, false);
  const falseNegatives = count(false, true);
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives: count(false, false),
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, truePositives + falseNegatives),
  };
}

/** `part` of `whole`, or null of nothing. */
function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

import * as z from 'zod';
import { cellOf } from '../../tables/csv-writer.ts';
import { FieldName, Text } from '../text.ts';
import type { OutputKind, OutputTensor } from './kind.ts';
import { readRows } from './output-column.ts';

/** One of several labels: the one with the highest probability, of a probability for each. */

const Probability = z.number().min(0).max(1);
/** Labels are keys of the database's indexes, which have a limit. */
const MAX_INDEXED_LENGTH = 100;
const MAX_LABELS = 1000;
const Scalar = z.union([z.string(), z.number(), z.boolean()]);

const OutputLabel = z.strictObject({ value: z.string().min(1).max(MAX_INDEXED_LENGTH), label: Text });

/** The contract's output. The graph answers with a row of probabilities: one a label, in the order of `labels`. */
export const MulticlassOutput = z.strictObject({
  kind: z.literal('multiclass'),
  /** The column of the training data that the model predicts, and its values there, in the order of `labels`. */
  target: z.strictObject({ name: FieldName, labels: z.array(Scalar).min(2).max(MAX_LABELS) }),
  labels: z.array(OutputLabel).min(2).max(MAX_LABELS),
  /** A record is given the label with the highest probability; of equal ones, the first. */
  decision: z.strictObject({ rule: z.literal('highest') }).default({ rule: 'highest' }),
});
export type MulticlassOutput = z.infer<typeof MulticlassOutput>;

/** The labels alone of an output. A version that no longer serves may lack the other fields. */
export const MulticlassLabels = z
  .object({ kind: z.literal('multiclass'), labels: z.array(z.object({ value: z.string() })) })
  .transform(({ labels }) => labels.map(({ value }) => value));

/** The answer about one record, which is also recorded. `probability` is that of `label`. */
export const MulticlassOutcome = z.strictObject({
  label: z.string(),
  probability: Probability,
  probabilities: z.record(z.string(), Probability),
});
export type MulticlassOutcome = z.infer<typeof MulticlassOutcome>;

/** The values that training got, in a golden case or an example, by label. */
export const MulticlassExpectation = z.strictObject({ probabilities: z.record(z.string(), Probability) });
export type MulticlassExpectation = z.infer<typeof MulticlassExpectation>;

/** Predictions whose outcome is known, by the observed and the predicted label. */
export type MulticlassComparison = {
  /** The labels of the contract, and any other label that an earlier version predicted. */
  labels: string[];
  /** `confusion[i][j]`: how many records of the observed label i were given label j. */
  confusion: number[][];
  /** The share of predictions that came true; null where there is none. */
  accuracy: number | null;
  /** The mean of the F1 of each label that was observed or predicted; null where there is none. */
  macroF1: number | null;
};

/** Gives meaning to the graph's answers, by the contract's output. */
export function multiclassKind(
  output: MulticlassOutput,
): OutputKind<readonly number[], MulticlassOutcome, MulticlassExpectation, MulticlassComparison> {
  const labels = output.labels.map(({ value }) => value);
  const highestOf = (raw: readonly number[]) => {
    let highest = 0;
    for (const [i, probability] of raw.entries()) if (probability > (raw[highest] ?? Number.NaN)) highest = i;
    return highest;
  };
  const rawOf = ({ probabilities }: MulticlassExpectation) =>
    labels.map((label) => (Object.hasOwn(probabilities, label) ? (probabilities[label] ?? Number.NaN) : Number.NaN));
  return {
    defects() {
      const isDoubled = new Set(labels).size < labels.length;
      return [
        ...(isDoubled ? ['a label of the output is named twice'] : []),
        ...(output.target.labels.length === labels.length
          ? []
          : [`output.target has ${output.target.labels.length} labels, and the output ${labels.length}`]),
      ];
    },
    expectationDefect(expected) {
      if (!('probabilities' in expected && expected.probabilities instanceof Object))
        return 'must have "probabilities": the output is of the kind multiclass';
      const names = Object.keys(expected.probabilities);
      const isWhole = names.length === labels.length && labels.every((label) => names.includes(label));
      return isWhole ? null : `must have a probability for each label: ${labels.join(', ')}`;
    },
    readRaw: (tensor, rows, column) => readProbabilities(tensor, rows, column, labels.length),
    toOutcome(raw) {
      const at = highestOf(raw);
      const [label, probability] = [labels[at], raw[at]];
      // Of NaN, too, nothing is the highest.
      if (label === undefined || probability === undefined || !(probability >= 0 && probability <= 1))
        throw new RangeError(`The output ${raw} is not a probability for each label.`);
      return { label, probability, probabilities: Object.fromEntries(labels.map((name, i) => [name, raw[i] ?? 0])) };
    },
    labels: output.labels,
    rawOf,
    // Math.max of a NaN is NaN.
    distance: (actual, other) => Math.max(...actual.map((value, i) => Math.abs(value - (other?.[i] ?? Number.NaN)))),
    isSameLabel: (actual, other) => highestOf(actual) === highestOf(other),
    compareWithOutcomes: (pairs) => compareLabels(pairs, labels),
    csv: {
      columns: ['label', 'probability', ...labels.map(columnOf)],
      line: ({ label, probability, probabilities }) =>
        [cellOf(label), probability, ...labels.map((name) => probabilities[name] ?? '')].join(','),
    },
    tensors: [
      { name: 'label', datatype: 'BYTES', read: (it) => it.label },
      { name: 'probability', datatype: 'FP64', read: (it) => it.probability },
      ...labels.map((name) => ({
        name: columnOf(name),
        datatype: 'FP64',
        read: ({ probabilities }: MulticlassOutcome) => probabilities[name] ?? Number.NaN,
      })),
    ],
    describeFields() {
      const words = output.labels.map(({ value, label }) => `\`${value}\` (${label.en})`);
      return {
        label: `The label with the highest probability, of ${words.join(', ')}. Of equal ones, the first.`,
        probability: 'Of `label`.',
        probabilities: 'By label.',
      };
    },
  };
}

/** The cells of an outcome in a table, by the names of their columns. */
export function multiclassCells({ label, probability, probabilities }: MulticlassOutcome) {
  const each = Object.entries(probabilities).map(([name, value]) => [columnOf(name), value] as const);
  return { label, probability, ...Object.fromEntries(each) };
}

function columnOf(label: string): string {
  return `probability.${label}`;
}

/** Throws for a tensor of another type or shape, and for a value outside [0, 1], NaN included. */
function readProbabilities(tensor: OutputTensor, rows: number, column: number | null, width: number): number[][] {
  if (column !== null)
    throw new Error('graph.outputColumn picks one column, and a multiclass output reads all of them');
  const read = readRows(tensor, rows, width);
  const wrong = read.flat().find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) throw new Error(`output "${tensor.name}" holds ${wrong}, which is not a probability`);
  return read;
}

/**
 * https://scikit-learn.org/stable/modules/model_evaluation.html#multiclass-and-multilabel-classification: macro-F1 is the mean
 * over the labels that were observed or predicted.
 */
function compareLabels(
  pairs: readonly { predicted: MulticlassOutcome; observed: string | number }[],
  known: readonly string[],
): MulticlassComparison {
  const told = pairs.flatMap(({ predicted, observed }) =>
    typeof observed === 'string' ? [{ predicted: predicted.label, observed }] : [],
  );
  const labels = [...new Set([...known, ...told.flatMap(({ predicted, observed }) => [observed, predicted])])];
  const confusion = labels.map(() => labels.map(() => 0));
  const positions = new Map(labels.map((label, i) => [label, i]));
  for (const { predicted, observed } of told) {
    const row = confusion[positions.get(observed) ?? -1];
    const at = positions.get(predicted);
    if (row && at !== undefined) row[at] = (row[at] ?? 0) + 1;
  }
  const scores = labels.flatMap((_, i) => {
    const observed = sum(confusion[i] ?? []);
    const predicted = sum(confusion.map((row) => row[i] ?? 0));
    // F1 is 2 · TP / (2 · TP + FP + FN), and the sum of both totals is the latter.
    return observed + predicted === 0 ? [] : [(2 * (confusion[i]?.[i] ?? 0)) / (observed + predicted)];
  });
  const right = told.filter(({ predicted, observed }) => predicted === observed).length;
  return {
    labels,
    confusion,
    accuracy: told.length === 0 ? null : right / told.length,
    macroF1: scores.length === 0 ? null : sum(scores) / scores.length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

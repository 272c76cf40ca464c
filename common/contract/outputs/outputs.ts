import * as z from 'zod';
import type { CsvValue } from '../../tables/csv-writer.ts';
import {
  type BinaryComparison,
  BinaryExpectation,
  BinaryLabels,
  BinaryOutcome,
  BinaryOutput,
  binaryKind,
  pickBinaryOutcome,
} from './binary.ts';
import type { OutputKind } from './kind.ts';
import {
  type MulticlassComparison,
  MulticlassExpectation,
  MulticlassLabels,
  MulticlassOutcome,
  MulticlassOutput,
  multiclassCells,
  multiclassKind,
} from './multiclass.ts';
import {
  type RegressionComparison,
  RegressionExpectation,
  RegressionLabels,
  RegressionOutcome,
  RegressionOutput,
  regressionCells,
  regressionKind,
} from './regression.ts';

/** The kinds of output that there are. An output that names none is binary: the contract's first version had no other. */
export const Output = z.discriminatedUnion('kind', [BinaryOutput, MulticlassOutput, RegressionOutput]);
export type Output = z.infer<typeof Output>;
export type OutputKindName = NonNullable<Output['kind']>;

/** Reads the labels alone of an output; null where the outcome is a number. */
export const OutputLabels = z.union([MulticlassLabels, RegressionLabels, BinaryLabels]);

/** The graph's answer for one record: a number, or one for each label. */
export type RawOutput = number | readonly number[];

/** The answer about one record, which is also recorded. */
export type Outcome = BinaryOutcome | MulticlassOutcome | RegressionOutcome;

/** The value that training got, in a golden case or an example. */
export type Expectation = BinaryExpectation | MulticlassExpectation | RegressionExpectation;

/** Recorded predictions measured against their observed outcomes. */
export type Comparison = BinaryComparison | MulticlassComparison | RegressionComparison;

export type AnyOutputKind = OutputKind<RawOutput, Outcome, Expectation, Comparison>;

/** An object that holds an outcome of any kind between other fields: one schema a kind, in their order. No other field is allowed. */
export function withOutcome<Before extends z.core.$ZodLooseShape, After extends z.core.$ZodLooseShape>(
  before: Before,
  after: After,
) {
  return z.union([
    z.strictObject({ ...before, ...BinaryOutcome.shape, ...after }),
    z.strictObject({ ...before, ...MulticlassOutcome.shape, ...after }),
    z.strictObject({ ...before, ...RegressionOutcome.shape, ...after }),
  ]);
}

/** The same of an object that may have other fields, which are dropped. */
export function withRecordedOutcome<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.union([
    z.object({ ...shape, ...BinaryOutcome.shape }),
    z.object({ ...shape, ...MulticlassOutcome.shape }),
    z.object({ ...shape, ...RegressionOutcome.shape }),
  ]);
}

/** An object that holds an outcome without what all outcomes of an output share: a binary one without its threshold. */
export function withBriefOutcome<Before extends z.ZodRawShape, After extends z.ZodRawShape>(
  before: Before,
  after: After,
) {
  const { threshold: _, ...brief } = BinaryOutcome.shape;
  return z.union([
    z.strictObject({ ...before, ...brief, ...after }),
    z.strictObject({ ...before, ...MulticlassOutcome.shape, ...after }),
    z.strictObject({ ...before, ...RegressionOutcome.shape, ...after }),
  ]);
}

/** An object that holds what training got beside other fields. */
export function withExpectation<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.union([
    z.strictObject({ ...shape, ...BinaryExpectation.shape }),
    z.strictObject({ ...shape, ...MulticlassExpectation.shape }),
    z.strictObject({ ...shape, ...RegressionExpectation.shape }),
  ]);
}

/** Training's value in an object that may have other fields. The probabilities of a multiclass outcome come before that of its label. */
export const AnyExpectation = z.union([
  z.object(MulticlassExpectation.shape),
  z.object(BinaryExpectation.shape),
  z.object(RegressionExpectation.shape),
]);

export const AnyOutcome = z.union([BinaryOutcome, MulticlassOutcome, RegressionOutcome]);

/** The outcome alone, of an answer or a record that holds one among other fields. */
export function pickOutcome(from: Outcome): Outcome {
  if ('threshold' in from) return pickBinaryOutcome(from);
  if ('probabilities' in from) {
    const { label, probability, probabilities } = from;
    return { label, probability, probabilities };
  }
  const { value, unit, interval, risk } = from;
  return {
    value,
    ...(unit !== undefined && { unit }),
    ...(interval && { interval }),
    ...(risk !== undefined && { risk }),
  };
}

/** The cells of an outcome in a table, by the names of their columns. */
export function outcomeCells(from: Outcome): Record<string, CsvValue> {
  if ('threshold' in from) return pickBinaryOutcome(from);
  return 'probabilities' in from ? multiclassCells(from) : regressionCells(from);
}

type Brief = Omit<BinaryOutcome, 'threshold'> | MulticlassOutcome | RegressionOutcome;

/** An outcome without what all outcomes of an output share. */
export function toBrief(from: Outcome): Brief {
  if (!('threshold' in from)) return pickOutcome(from);
  const { label, probability, risk } = from;
  return { label, probability, risk };
}

const kinds = new WeakMap<Output, AnyOutputKind>();

/** The kind of an output. It is made once an output, because every request asks for it. */
export function outputKind(output: Output): AnyOutputKind {
  const known = kinds.get(output);
  if (known) return known;
  const kind = kindOf(output);
  kinds.set(output, kind);
  return kind;
}

function kindOf(output: Output): AnyOutputKind {
  switch (output.kind) {
    case undefined:
    case 'binary':
      return binaryKind(output);
    case 'multiclass':
      return multiclassKind(output);
    case 'regression':
      return regressionKind(output);
  }
}

/** The labels that can be observed; null where a number is. */
export function observableLabels(output: Output): string[] | null {
  const { labels } = outputKind(output);
  return labels.length === 0 ? null : labels.map(({ value }) => value);
}

import {
  BinaryBrief,
  type BinaryComparison,
  BinaryExpectation,
  BinaryLabels,
  BinaryMessage,
  BinaryOutcome,
  BinaryOutput,
  binaryKind,
  pickBinaryOutcome,
} from './binary.ts';
import type { OutputKind } from './kind.ts';

/**
 * The kinds of output that there are: one. A second kind makes each of these a union, and `outputKind` choose; the compiler
 * then names every place that takes an outcome for that of a binary model.
 */

export const Output = BinaryOutput;
export type Output = BinaryOutput;

/** Reads the labels alone of an output. */
export const OutputLabels = BinaryLabels;

/** The graph's answer for one record. */
export type RawOutput = number;

/** The answer about one record, which is also recorded. */
export const Outcome = BinaryOutcome;
export type Outcome = BinaryOutcome;
export const pickOutcome = pickBinaryOutcome;
export const OutcomeBrief = BinaryBrief;
export const OutcomeMessage = BinaryMessage;

/** The value that training got, in a golden case or an example. */
export const Expectation = BinaryExpectation;
export type Expectation = BinaryExpectation;

/** Recorded predictions measured against their observed outcomes. */
export type Comparison = BinaryComparison;

export type AnyOutputKind = OutputKind<RawOutput, Outcome, Expectation, Comparison>;

const kinds = new WeakMap<Output, AnyOutputKind>();

/** The kind of an output. It is made once an output, because every request asks for it. */
export function outputKind(output: Output): AnyOutputKind {
  const known = kinds.get(output);
  if (known) return known;
  const kind = binaryKind(output);
  kinds.set(output, kind);
  return kind;
}

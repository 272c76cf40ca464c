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

/** What the graph says of one record. */
export type RawOutput = number;

/** What is answered and recorded of one record. */
export const Outcome = BinaryOutcome;
export type Outcome = BinaryOutcome;
export const pickOutcome = pickBinaryOutcome;
export const OutcomeBrief = BinaryBrief;
export const OutcomeMessage = BinaryMessage;

/** How a golden case or an example states what training got. */
export const Expectation = BinaryExpectation;
export type Expectation = BinaryExpectation;

/** Recorded predictions measured against their observed outcomes. */
export type Comparison = BinaryComparison;

export type AnyOutputKind = OutputKind<RawOutput, Outcome, Expectation, Comparison>;

const kinds = new WeakMap<Output, AnyOutputKind>();

/** What the output's kind knows of it. Made once an output: every request asks for it. */
export function outputKind(output: Output): AnyOutputKind {
  const known = kinds.get(output);
  if (known) return known;
  const kind = binaryKind(output);
  kinds.set(output, kind);
  return kind;
}

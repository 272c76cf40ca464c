import type { Text } from '../text.ts';

/** A tensor that the graph answered with, in the terms of ONNX Runtime. */
export type OutputTensor = { name: string; data: unknown; dims: readonly number[] };

/** A part of an outcome as a tensor of the Open Inference Protocol. */
type OutcomeTensor<Outcome> = { name: string; datatype: string; read(outcome: Outcome): string | number };

/**
 * All that a kind of output knows of one contract's output. `Raw` is the graph's answer for one record. `Outcome` is answered
 * and recorded. `Expected` states the answer that training got, in a golden case. `Comparison` measures outcomes against
 * observed ones.
 */
export interface OutputKind<Raw, Outcome, Expected, Comparison> {
  /** The contradictions in the output's description, one sentence each. */
  defects(): string[];
  /**
   * The graph's answer for each of `rows` records. `column` is the contract's `graph.outputColumn`, or null. Throws for a tensor
   * of another type, shape or range.
   */
  readRaw(tensor: OutputTensor, rows: number, column: number | null): Raw[];
  toOutcome(raw: Raw): Outcome;
  /** The labels that a record can be given, which are also the outcomes that can be observed later. None: a number is observed. */
  readonly labels: readonly { value: string; label: Text }[];

  /** Compares predictions with the labels or numbers that were observed later. */
  compareWithOutcomes(pairs: readonly { predicted: Outcome; observed: string | number }[]): Comparison;

  /** Why a golden case or an example is not one of this output; null where it is. */
  expectationDefect(expected: object): string | null;
  /** How far an output is from another one: NaN where that is none. That of a regression is relative to max(1, |other|). */
  distance(actual: Raw, other: Raw | undefined): number;
  /** The graph's answer that training got. */
  rawOf(expected: Expected): Raw;
  /** Whether two outputs give the same label. Numbers without a label do. */
  isSameLabel(actual: Raw, other: Raw): boolean;

  /** An outcome in a file of results: the names of its columns, and the text between the commas, cells in their order. */
  readonly csv: { readonly columns: readonly string[]; line(outcome: Outcome): string };
  /** An outcome in the Open Inference Protocol. */
  readonly tensors: readonly OutcomeTensor<Outcome>[];
  /** The meaning of each field of an outcome, in English, for the API's documentation. */
  describeFields(): Record<string, string>;
}

import type { Contract } from '../contract/contract.ts';
import { outputKind, type RawOutput } from '../contract/outputs/outputs.ts';
import type { FeatureValues } from './request-schema.ts';
import { createValidator, type Validator } from './validation.ts';

export type GoldenReport = {
  /** Number of cases that were compared. */
  cases: number;
  /** Largest difference between an output and the training pipeline's. */
  maxAbsDifference: number;
  /** One sentence a case that is refused, too far off, or labelled otherwise. Empty if the version is sound. */
  failures: string[];
};

/** Replays the contract's golden cases and examples through `predict` (an output a record), as a request would go. */
export async function replayGoldenCases(
  contract: Contract,
  predict: (records: readonly FeatureValues[]) => Promise<RawOutput[]>,
  validate: Validator = createValidator(contract),
): Promise<GoldenReport> {
  const { features, golden, examples, parity } = contract;
  const kind = outputKind(contract.output);
  const failures: string[] = [];
  let maxAbsDifference = 0;
  const cases = [
    ...golden.map(({ values, ...expectation }, i) => ({
      what: `golden case ${i}`,
      input: Object.fromEntries(features.map(({ name }, column) => [name, values[column]])),
      expectation,
    })),
    ...examples.map(({ label: _, input, ...expectation }, i) => ({ what: `example ${i}`, input, expectation })),
  ];
  for (const { what, input, expectation } of cases) {
    const validation = validate(input);
    if (!validation.ok) {
      failures.push(
        `${what} is refused by the contract: ${validation.violations.map(({ fields, rule, message }) => `${fields.join(', ')} (${rule}): ${message.en}`).join(' ')}`,
      );
      continue;
    }
    const [actual] = await predict([validation.values]);
    if (actual === undefined) {
      failures.push(`${what} has no answer`);
      continue;
    }
    const expected = kind.rawOf(expectation);
    const difference = kind.distance(actual, expected);
    // Not `difference > tolerance`: a NaN must fail.
    if (!(difference <= parity.tolerance)) {
      failures.push(`${what} is ${actual}, not ${expected} (at most ${parity.tolerance} off)`);
    } else if (!kind.isSameLabel(actual, expected)) {
      failures.push(`${what} changes its label at ${actual}`);
    }
    maxAbsDifference = Math.max(maxAbsDifference, difference);
  }
  return { cases: cases.length, maxAbsDifference, failures };
}

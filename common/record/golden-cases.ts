import type { Contract } from '../contract/contract.ts';
import { toOutcome } from './outcome.ts';
import type { FeatureValues } from './request-schema.ts';
import { createValidator, type Validator } from './validation.ts';

export type GoldenReport = {
  /** Number of cases that were compared. */
  cases: number;
  /** Largest difference between a probability and the training pipeline's. */
  maxAbsDifference: number;
  /** One sentence a case that is refused, too far off, or labelled otherwise. Empty if the version is sound. */
  failures: string[];
};

/** Replays the contract's golden cases and examples through `predict` (a probability a record), as a request would go. */
export async function replayGoldenCases(
  contract: Contract,
  predict: (records: readonly FeatureValues[]) => Promise<number[]>,
  validate: Validator = createValidator(contract),
): Promise<GoldenReport> {
  const { features, golden, examples, output, parity } = contract;
  const failures: string[] = [];
  let maxAbsDifference = 0;
  const cases = [
    ...golden.map(({ values, probability }, i) => ({
      what: `golden case ${i}`,
      input: Object.fromEntries(features.map(({ name }, column) => [name, values[column]])),
      expected: probability,
    })),
    ...examples.map(({ input, probability }, i) => ({ what: `example ${i}`, input, expected: probability })),
  ];
  for (const { what, input, expected } of cases) {
    const validation = validate(input);
    if (!validation.ok) {
      failures.push(
        `${what} is refused: ${JSON.stringify(validation.violations.map(({ fields, rule }) => ({ fields, rule })))}`,
      );
      continue;
    }
    const [probability = Number.NaN] = await predict([validation.values]);
    const difference = Math.abs(probability - expected);
    // Not `difference > tolerance`: a NaN must fail.
    if (!(difference <= parity.tolerance)) {
      failures.push(`${what} is ${probability}, not ${expected} (at most ${parity.tolerance} off)`);
    } else if (toOutcome(output, probability).label !== toOutcome(output, expected).label) {
      failures.push(`${what} changes its label at ${probability}`);
    }
    maxAbsDifference = Math.max(maxAbsDifference, difference);
  }
  return { cases: cases.length, maxAbsDifference, failures };
}

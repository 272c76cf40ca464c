import type { Contract, RiskBand } from '../contract/contract.ts';

export type Outcome = { label: string; probability: number; threshold: number; risk: string };

/** What a probability in [0, 1] means under the contract: the label from the threshold on, and the risk band it falls in. */
export function toOutcome({ threshold, bands, positive, negative }: Contract['output'], probability: number): Outcome {
  const label = probability >= threshold ? positive : negative;
  return { label: label.value, probability, threshold, risk: bandOf(bands, probability).id };
}

function bandOf(bands: readonly RiskBand[], probability: number): RiskBand {
  const band = bands.findLast(({ from }) => from <= probability);
  if (!band) throw new RangeError(`The probability ${probability} is in no risk band.`);
  return band;
}

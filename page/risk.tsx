import type { Contract } from '../common/contract/contract.ts';
import type { Language } from './language.ts';

export type Tone = 'low' | 'medium' | 'high';

/** Which colours a risk band has: the contract's lowest, its highest, or between. A band that it does not know is between. */
export function toneOf({ output: { bands } }: Contract, risk: string): Tone {
  if (bands.length > 1 && bands.at(-1)?.id === risk) return 'high';
  return bands[0]?.id === risk ? 'low' : 'medium';
}

/** A band in words; its id where the contract, which may be newer than the prediction, does not know it. */
export function riskLabel({ output: { bands } }: Contract, risk: string, language: Language): string {
  return bands.find(({ id }) => id === risk)?.label[language] ?? risk;
}

/** One of the contract's two labels in words. */
export function outcomeLabel({ output: { positive, negative } }: Contract, label: string, language: Language): string {
  return [positive, negative].find(({ value }) => value === label)?.label[language] ?? label;
}

export function RiskBadge({ contract, risk, language }: { contract: Contract; risk: string; language: Language }) {
  return <span class={`risk risk-${toneOf(contract, risk)}`}>{riskLabel(contract, risk, language)}</span>;
}

import type { BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import type { Language } from '../../language.ts';

export type Tone = 'low' | 'medium' | 'high';

/** The colours of a risk band: the contract's lowest, its highest, or between. An unknown band is between. */
export function toneOf({ bands }: BinaryOutput, risk: string): Tone {
  if (bands.length > 1 && bands.at(-1)?.id === risk) return 'high';
  return bands[0]?.id === risk ? 'low' : 'medium';
}

/** A band in words. The contract may be newer than the prediction, and lack the band: then its id. */
export function riskLabel({ bands }: BinaryOutput, risk: string, language: Language): string {
  return bands.find(({ id }) => id === risk)?.label[language] ?? risk;
}

/** One of the contract's two labels in words. */
export function predictedLabel({ positive, negative }: BinaryOutput, label: string, language: Language): string {
  return [positive, negative].find(({ value }) => value === label)?.label[language] ?? label;
}

export function RiskBadge({ output, risk, language }: { output: BinaryOutput; risk: string; language: Language }) {
  return <span class={`risk risk-${toneOf(output, risk)}`}>{riskLabel(output, risk, language)}</span>;
}

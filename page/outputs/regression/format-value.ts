import type { RegressionOutput } from '../../../common/contract/outputs/regression.ts';
import type { Language } from '../../language.ts';

/** A value as people read it: with the contract's decimals, and its unit. */
export function formatValue({ decimals, unit }: RegressionOutput, value: number, language: Language): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const number = value.toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB', digits).replace('-', '\u2212');
  return unit ? `${number}\u00a0${unit[language]}` : number;
}

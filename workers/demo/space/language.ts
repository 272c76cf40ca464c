import type { Text } from '../../../common/contract.ts';

export type Language = keyof Text;

/** The language that the browser asks for first, of the two that there are; English for any other. */
export function preferredLanguage(languages: readonly string[]): Language {
  const known = languages.map((it) => it.slice(0, 2).toLowerCase()).find((it) => it === 'fr' || it === 'en');
  return known === 'fr' ? 'fr' : 'en';
}

const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const;

export function formatPercent(language: Language, share: number): string {
  return share.toLocaleString(LOCALES[language], { style: 'percent', maximumFractionDigits: 1 });
}

export function formatNumber(language: Language, value: number): string {
  return value.toLocaleString(LOCALES[language]);
}

import type { Text } from '../common/contract/text.ts';

export type Language = keyof Text;

const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const;
const STORED_AS = 'language';

/** The language that was chosen here before, else the one that the browser asks for first of the two; English for any other. */
export function initialLanguage(): Language {
  return storedLanguage() ?? preferredLanguage(navigator.languages);
}

export function preferredLanguage(languages: readonly string[]): Language {
  return languages.map((it) => it.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

export function storeLanguage(language: Language): void {
  try {
    localStorage.setItem(STORED_AS, language);
  } catch {
    // A page in a frame may be denied its storage: the choice then lasts as long as the page.
  }
}

function storedLanguage(): Language | null {
  try {
    const stored = localStorage.getItem(STORED_AS);
    return stored !== null && isLanguage(stored) ? stored : null;
  } catch {
    return null;
  }
}

function isLanguage(text: string): text is Language {
  return text === 'fr' || text === 'en';
}

/** Between a term and what is said of it. */
export function colon(language: Language): string {
  return language === 'fr' ? '\u00a0: ' : ': ';
}

/** A share of 1, as "24.2 %" is written in the language. */
export function formatPercent(language: Language, share: number, fractionDigits = 1): string {
  return share.toLocaleString(LOCALES[language], { style: 'percent', maximumFractionDigits: fractionDigits });
}

export function formatNumber(language: Language, value: number, maximumFractionDigits = 3): string {
  return value.toLocaleString(LOCALES[language], { maximumFractionDigits });
}

/** A number with just so many decimals, for a column of them. */
export function formatFixed(language: Language, value: number, fractionDigits: number): string {
  return value.toLocaleString(LOCALES[language], {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  });
}

/** An ISO date-time, in the reader's time zone. */
export function formatTime(language: Language, iso: string): string {
  return new Date(iso).toLocaleString(LOCALES[language], { dateStyle: 'medium', timeStyle: 'short' });
}

/** An ISO date, which has no time zone. */
export function formatDate(language: Language, iso: string): string {
  return new Date(iso).toLocaleDateString(LOCALES[language], { dateStyle: 'medium', timeZone: 'UTC' });
}

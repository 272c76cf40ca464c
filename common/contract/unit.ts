import type { Text } from './text.ts';

type Language = keyof Text;

/** The singulars of the units that are words. Others, such as "EUR/month", do not change. */
const SINGULARS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  fr: { ans: 'an', années: 'année', jours: 'jour', heures: 'heure', minutes: 'minute', semaines: 'semaine' },
  en: { years: 'year', days: 'day', hours: 'hour', minutes: 'minute', weeks: 'week', months: 'month' },
};

const FRENCH = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 20 });

/** The unit of a number: "an" of 1, "ans" of 2. French has the singular below two, English for one. */
export function unitOf(value: number, unit: Text, language: Language): string {
  const plural = unit[language];
  const isSingular = language === 'fr' ? Math.abs(value) < 2 : value === 1;
  return (isSingular && SINGULARS[language][plural]) || plural;
}

/** A number in a French sentence, as "50 000" and "2,5". */
export function inFrench(value: number): string {
  return FRENCH.format(value);
}

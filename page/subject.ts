import type { Contract } from '../common/contract/contract.ts';
import type { Text } from '../common/contract/text.ts';

/** The words for what a record is about, as a contract has them. */
type Subject = Pick<Contract, 'subject'>;

/** As a heading: "Employee". */
export function subjectHeading({ subject: { singular } }: Subject): Text {
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return { fr: capital(singular.fr), en: capital(singular.en) };
}

/** A French word after "de", which is elided before a vowel: "d’employés". A silent h is not told from another one. */
export function afterDe(word: string): string {
  const [first = ''] = word.normalize('NFD');
  return /[aeiouyœæ]/i.test(first) ? `d’${word}` : `de ${word}`;
}

import type { Contract } from '../../common/contract/contract.ts';
import type { Language } from '../language.ts';
import type { Note } from './rows.ts';

/** Each note as a sentence that names its fields by their labels; a field that the contract lacks by its name. */
export function describeNotes(
  notes: readonly Note[],
  { features, identifier }: Pick<Contract, 'features' | 'identifier'>,
  language: Language,
): string[] {
  const labelOf = (field: string) =>
    [...features, ...(identifier ? [identifier] : [])].find(({ name }) => name === field)?.label[language] ?? field;
  const colon = language === 'fr' ? '\u00a0: ' : ': ';
  return notes.map(({ fields, message }) =>
    fields.length === 0 ? message[language] : `${fields.map(labelOf).join(', ')}${colon}${message[language]}`,
  );
}

import type { Contract } from '../../common/contract/contract.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Language } from '../language.ts';
import type { Note } from './rows.ts';

type Fields = Pick<Contract, 'features' | 'identifier'>;

/** The label of a field; its name, where the contract lacks it. */
export function labelOf(field: string, { features, identifier }: Fields, language: Language): string {
  const known = [...features, ...(identifier ? [identifier] : [])].find(({ name }) => name === field);
  return known?.label[language] ?? field;
}

/** Each note as a sentence that names its fields by their labels; a field that the contract lacks by its name. */
export function describeNotes(notes: readonly Note[], contract: Fields, language: Language): string[] {
  const colon = language === 'fr' ? '\u00a0: ' : ': ';
  return notes.map(({ fields, message }) =>
    fields.length === 0
      ? message[language]
      : `${fields.map((field) => labelOf(field, contract, language)).join(', ')}${colon}${message[language]}`,
  );
}

/** The faults of a header: the missing columns in one sentence, the unknown ones in another, and each of the others. */
export function describeFaults(
  violations: readonly (Note & { rule: string })[],
  contract: Fields,
  language: Language,
): string[] {
  const fieldsOf = (rule: string) => violations.flatMap((it) => (it.rule === rule ? it.fields : []));
  const spell = (field: string) => {
    const label = labelOf(field, contract, language);
    return label === field ? field : `${label} (${field})`;
  };
  const list = (texts: Text, fields: readonly string[]) =>
    fields.length === 0 ? [] : [`${texts[language]}${fields.map(spell).join(', ')}.`];
  const [missing, unknown] = [fieldsOf('required'), fieldsOf('unknown-field')];
  // Where more are wrong than are named, the rest is counted in a note without a field.
  const others = violations.filter(
    ({ rule, fields }) => fields.length === 0 || (rule !== 'required' && rule !== 'unknown-field'),
  );
  return [
    ...list(missing.length === 1 ? MISSING_ONE : MISSING, missing),
    ...list(unknown.length === 1 ? UNKNOWN_ONE : UNKNOWN, unknown),
    ...describeNotes(others, contract, language),
  ];
}

const MISSING_ONE: Text = { fr: 'Il manque la colonne\u00a0: ', en: 'A column is missing: ' };
const MISSING: Text = { fr: 'Il manque les colonnes\u00a0: ', en: 'Columns are missing: ' };
const UNKNOWN_ONE: Text = {
  fr: 'Colonne que le modèle ne connaît pas\u00a0: ',
  en: 'A column that the model does not know: ',
};
const UNKNOWN: Text = {
  fr: 'Colonnes que le modèle ne connaît pas\u00a0: ',
  en: 'Columns that the model does not know: ',
};

import type { Contract } from '../contract/contract.ts';
import type { Feature } from '../contract/features/features.ts';
import { shorten, type Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { createHeaderCheck, type HeaderReader } from './cells.ts';
import { type ColumnMapping, createColumnMatcher, createHeaderTest } from './match-columns.ts';
import { repeatedName, type Spreadsheet } from './table.ts';
import { quoted, type TableNotes } from './table-notes.ts';
import { createTotalTest } from './total-line.ts';

/**
 * Reads tables as people save them from a spreadsheet: columns under their labels, below a title, beside columns that the model does
 * not know. Nothing that the model needs is guessed, and what is left out is noted. One reader serves one file after another.
 */
export type SpreadsheetReader = {
  /** For the reader of the file's rows. */
  open(notes: TableNotes): Spreadsheet & { readHeader: HeaderReader };
};

export function createSpreadsheetReader(
  contract: Contract,
  validate: Validator,
  mapping?: ColumnMapping,
): SpreadsheetReader {
  const match = createColumnMatcher(contract, mapping);
  const isHeader = createHeaderTest(contract, match);
  const check = createHeaderCheck(validate);
  const isTotal = createTotalTest(contract);
  return {
    open: (notes) => ({
      isHeader,
      notes,
      readHeader(names) {
        const fields = match(names);
        const faults = [...repeatedFields(names, fields), ...missingColumns(check(fields.filter(isNamed)))];
        if (faults.length > 0) return { ok: false, violations: shorten([...faults, ...unknownColumns(names, fields)]) };
        noteColumns(names, fields, notes);
        noteAbsent(contract.features, fields, notes);
        return { ok: true, names: fields, isTotal: createTotalLines(isTotal, fields, notes) };
      },
    }),
  };
}

/** As `isTotal`, and each such line is noted. */
export function createTotalLines(
  isTotal: (cells: readonly string[], fields: readonly string[]) => boolean,
  fields: readonly string[],
  notes: TableNotes,
): (cells: readonly string[], line: number) => boolean {
  return (cells, line) => {
    const is = isTotal(cells, fields);
    if (is) notes.addTotal(line);
    return is;
  };
}

const isNamed = (name: string) => name !== '';

/** Notes the columns that are not read, and those that were recognised by another name than the contract's. */
export function noteColumns(names: readonly string[], fields: readonly string[], notes: TableNotes): void {
  const unknown = names.filter((name, i) => name !== '' && fields[i] === '');
  if (unknown.length > 0) {
    const { fr, en } = quoted(unknown);
    const isOne = unknown.length === 1;
    notes.add('column-set-aside', unknown, {
      fr: isOne
        ? `Le modèle ne connaît pas la colonne ${fr} : elle n’est pas lue.`
        : `Le modèle ne connaît pas les colonnes ${fr} : elles ne sont pas lues.`,
      en: isOne
        ? `The model does not know the column ${en}: it is not read.`
        : `The model does not know the columns ${en}: they are not read.`,
    });
  }
  const recognised = names.flatMap((name, i) => {
    const field = fields[i];
    return field && field !== name ? [{ name, field }] : [];
  });
  if (recognised.length > 0) {
    const pairs = quoted(recognised.map(({ name }) => name));
    notes.add(
      'column-recognised',
      recognised.map(({ name }) => name),
      {
        fr: `Colonnes reconnues sous un autre nom que celui du contrat : ${pairs.fr}.`,
        en: `Columns recognised by another name than the contract’s: ${pairs.en}.`,
      },
    );
  }
}

/** Notes the features that no column gives: each may be left out, and is missing from every row. */
export function noteAbsent(
  features: readonly Pick<Feature, 'name' | 'aliases'>[],
  fields: readonly string[],
  notes: TableNotes,
): void {
  const given = new Set(fields);
  const absent = features.filter(({ name, aliases }) => ![name, ...aliases].some((it) => given.has(it)));
  if (absent.length === 0) return;
  const names = absent.map(({ name }) => name);
  const { fr, en } = quoted(names);
  notes.add('column-absent', names, {
    fr: `Aucune colonne ne donne ${fr} : la valeur manque à chaque ligne.`,
    en: `No column gives ${en}: the value is missing from every row.`,
  });
}

/** Names that stand in a header twice, and different names of one field. Columns that nobody reads may repeat theirs. */
export function repeatedFields(names: readonly string[], fields: readonly string[]): Violation[] {
  const namesOf = new Map<string, string[]>();
  for (const [i, field] of fields.entries())
    if (field !== '') namesOf.set(field, [...(namesOf.get(field) ?? []), names[i] ?? '']);
  return [...namesOf].flatMap(([field, spelled]) => {
    const [first = '', second] = spelled;
    if (second === undefined) return [];
    return [first === second ? repeatedName(first) : severalNames(field, quoted(spelled))];
  });
}

function severalNames(field: string, { fr, en }: { fr: string; en: string }): Violation {
  return {
    fields: [field],
    rule: 'given-once',
    message: {
      fr: `Plusieurs colonnes donnent ce champ (${fr}) : n’en garder qu’une.`,
      en: `Several columns give this field (${en}): keep only one.`,
    },
  };
}

/** The same faults, where the field that is missing is the column. */
export function missingColumns(violations: readonly Violation[]): Violation[] {
  return violations.map((violation) => {
    const [field] = violation.fields;
    if (violation.rule !== 'required' || field === undefined) return violation;
    const message = { fr: `La colonne « ${field} » manque.`, en: `The column "${field}" is missing.` };
    return { ...violation, message };
  });
}

/** Columns that may be the missing ones, under a name that nobody recognises. */
export function unknownColumns(names: readonly string[], fields: readonly string[]): Violation[] {
  return names.flatMap((name, i) => (name !== '' && fields[i] === '' ? [unknownColumn(name)] : []));
}

function unknownColumn(name: string): Violation {
  return {
    fields: [name],
    rule: 'unknown-field',
    message: {
      fr: 'Le modèle ne connaît pas cette colonne.',
      en: 'The model does not know this column.',
    },
  };
}

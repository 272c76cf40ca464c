import type { CategoricalFeature, Contract, Feature } from '../contract/contract.ts';
import { compileGoodFields } from '../record/good-record.ts';
import { createValidator, type Validation, type Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { type Column, createPlainRowReader } from './plain-row.ts';

/** How a file's rows are read, by default as the records that the validator takes; or why its header is refused. */
export type CellReading<Row = Record<string, unknown>> =
  | {
      ok: true;
      read(cells: readonly string[]): Row;
      /** The same of a row as it stands in the file, in which nothing is quoted; undefined where only `read` can tell. */
      readPlain?: (text: string, separator: string) => Row | undefined;
    }
  | { ok: false; violations: Violation[] };

/** Takes the names of a header (trimmed, NFC, each given once). */
export type CellReader<Row = Record<string, unknown>> = (names: readonly string[]) => CellReading<Row>;

/** Compiles a contract into a reader of CSV files. A blank cell is a field that is not given. */
export function createCellReader(contract: Contract, validate: Validator = createValidator(contract)): CellReader {
  return createReader(columnsByName(contract), validate);
}

function createReader(columns: ReadonlyMap<string, Column>, validate: Validator): CellReader {
  const check = createHeaderCheck(validate);
  return (names) => {
    const violations = check(names);
    return violations.length > 0 ? { ok: false, violations } : { ok: true, read: createRecordReader(names, columns) };
  };
}

/** The same of rows that are validated: those with nothing wrong in them are not made records first. */
export function createCheckedCellReader(contract: Contract, validate: Validator): CellReader<Validation> {
  const columns = columnsByName(contract);
  const readHeader = createReader(columns, validate);
  const fields = compileGoodFields(contract);
  return (names) => {
    const reading = readHeader(names);
    if (!reading.ok) return reading;
    return {
      ok: true,
      read: (cells) => validate(reading.read(cells)),
      readPlain: createPlainRowReader(names, columns, fields),
    };
  };
}

/**
 * Why every record with these fields would be refused, whatever its values: a field that is missing or unknown, or two
 * that are the same. It is the validator's own word, for a record that has nothing else to say.
 */
export function createHeaderCheck(validate: Validator): (names: readonly string[]) => Violation[] {
  const aboutNames = new Set(['required', 'unknown-field', 'given-once']);
  return (names) => {
    const validation = validate(Object.fromEntries(names.map((name) => [name, ''])));
    return validation.ok ? [] : validation.violations.filter(({ rule }) => aboutNames.has(rule));
  };
}

/** Returns a function that makes a record of a row. Names that `columns` lacks are left out. */
export function createRecordReader(
  names: readonly string[],
  columns: ReadonlyMap<string, Column>,
): (cells: readonly string[]) => Record<string, unknown> {
  const parsers = names.flatMap((name, i) => {
    const column = columns.get(name);
    return column ? [{ name, i, parse: column.parse }] : [];
  });
  return (cells) => {
    const entries: [string, unknown][] = [];
    for (const { name, i, parse } of parsers) {
      const text = cells[i];
      if (text !== undefined && text.trim() !== '') entries.push([name, parse(text)]);
    }
    // Not by assignment: a field named "__proto__" must stay a field.
    return Object.fromEntries(entries);
  };
}

/** The columns that a contract reads, by each of their names. Ignored ones are not among them. */
export function columnsByName({ features, identifier }: Contract): Map<string, Column> {
  const fields = features.map((feature) => ({ ...feature, parse: parserOf(feature) }));
  const all = identifier ? [...fields, { ...identifier, parse: (text: string) => text }] : fields;
  return new Map(
    all.flatMap(({ name, aliases, parse }) =>
      [name, ...aliases].map((spelling) => [spelling, { field: name, parse }] as const),
    ),
  );
}

function parserOf(feature: Feature): Column['parse'] {
  return feature.type === 'category' ? categoryParser(feature) : parseNumber;
}

/** As a spreadsheet writes them, in English or in French. */
const BOOLEANS = new Map([
  ['true', true],
  ['vrai', true],
  ['false', false],
  ['faux', false],
]);

function categoryParser({ categories }: CategoricalFeature): Column['parse'] {
  const spellings = new Set(categories.flatMap(({ value, aliases }) => [value, ...aliases]));
  if (!spellings.has(true) && !spellings.has(false)) return (text) => text;
  return (text) => (spellings.has(text) ? text : (BOOLEANS.get(text.toLowerCase()) ?? text));
}

/**
 * The number that "41", "11.5" or the French "11,5" stands for. Any other text is kept, for the validator to refuse:
 * "1 234", and "1,234" too, which is over a thousand to some and under two to others.
 */
function parseNumber(text: string): unknown {
  const digits = parseDigits(text);
  if (digits !== undefined) return digits;
  if (!/^\s*[+-]?\d+(?:[.,]\d+)?\s*$/.test(text)) return text;
  if (!text.includes(',')) return Number(text);
  return /^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$/.test(text) ? text : Number(text.replace(',', '.'));
}

/** The number that one to nine digits are: what most cells hold, and much faster than the rule for all of them. */
function parseDigits(text: string): number | undefined {
  if (text.length === 0 || text.length > 9) return undefined;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

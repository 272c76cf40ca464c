import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import { AS_TEXT, type CellParser } from '../contract/features/kind.ts';
import { compileFastFields } from '../record/fast-validation.ts';
import { createValidator, type Validation, type Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { createUnquotedRowReader, type OpenColumn } from './unquoted-row.ts';

/** How the rows of a file are read, by default as records for the validator; or why its header is refused. */
export type CellReading<Row = Record<string, unknown>> =
  | {
      ok: true;
      /** Rows are read in their order: what a number means may depend on the rows before. */
      read(cells: readonly string[]): Row;
      /** Reads the text of a row in which nothing is quoted; undefined where only `read` can tell. */
      readUnquoted?: (text: string, separator: string) => Row | undefined;
      /** Whether a row sums up the rows above it: it is no row, then. `line` is where it stands. */
      isTotal?: (cells: readonly string[], line: number) => boolean;
    }
  | { ok: false; violations: Violation[] };

/** Takes the names of a header (trimmed, NFC), and the file's delimiter, by default a comma. */
export type CellReader<Row = Record<string, unknown>> = (
  names: readonly string[],
  delimiter?: string,
) => CellReading<Row>;

/** A column that a contract reads, by the canonical name of its field. */
type Column = { field: string; createParser(delimiter: string): CellParser };

/**
 * Compiles a contract into a reader of tables. A blank cell is a missing value where the contract allows one, else a field that
 * is not given. `readHeader` says which column is which field; by default each must be named as the contract has it.
 */
export function createCellReader(
  contract: Contract,
  validate: Validator = createValidator(contract),
  readHeader: HeaderReader = createStrictHeaderReader(validate),
): CellReader {
  const columns = columnsByName(contract);
  return (names, delimiter) => {
    const header = readHeader(names);
    if (!header.ok) return header;
    return { ok: true, ...totals(header), read: createRecordReader(openColumns(header.names, columns, delimiter)) };
  };
}

/** As `createCellReader`, with the rows validated. A row with nothing wrong in it never becomes a record. */
export function createCheckedCellReader(
  contract: Contract,
  validate: Validator,
  readHeader: HeaderReader = createStrictHeaderReader(validate),
): CellReader<Validation> {
  const columns = columnsByName(contract);
  const fields = compileFastFields(contract);
  return (names, delimiter) => {
    const header = readHeader(names);
    if (!header.ok) return header;
    const open = openColumns(header.names, columns, delimiter);
    const readRecord = createRecordReader(open);
    return {
      ok: true,
      ...totals(header),
      read: (cells) => validate(readRecord(cells)),
      // Whether cells without a name are blank is seen only where there are cells.
      ...(names.at(-1) !== '' && { readUnquoted: createUnquotedRowReader(open, fields) }),
    };
  };
}

function totals({ isTotal }: { isTotal?: (cells: readonly string[], line: number) => boolean }) {
  return isTotal ? { isTotal } : {};
}

/**
 * The names of a header as the contract has them: "" for a column that is not read. `isTotal` is there where the file may have lines
 * that are no rows.
 */
type HeaderReading =
  | { ok: true; names: readonly string[]; isTotal?: (cells: readonly string[], line: number) => boolean }
  | { ok: false; violations: Violation[] };
export type HeaderReader = (names: readonly string[]) => HeaderReading;

function createStrictHeaderReader(validate: Validator): HeaderReader {
  const check = createHeaderCheck(validate);
  return (names) => {
    const violations = check(names);
    return violations.length > 0 ? { ok: false, violations } : { ok: true, names };
  };
}

/**
 * The violations of every record with these fields, for any values: a missing field, an unknown field, or a field given twice.
 * They are the validator's own, for a record without values.
 */
export function createHeaderCheck(validate: Validator): (names: readonly string[]) => Violation[] {
  const aboutNames = new Set(['required', 'unknown-field', 'given-once']);
  return (names) => {
    const validation = validate(Object.fromEntries(names.map((name) => [name, ''])));
    return validation.ok ? [] : validation.violations.filter(({ rule }) => aboutNames.has(rule));
  };
}

/** The columns of one file, which remember what its rows say. Names that `columns` lacks are not read. */
export function openColumns(
  names: readonly string[],
  columns: ReadonlyMap<string, Column>,
  delimiter = ',',
): OpenColumn[] {
  return names.map((name) => ({ name, parser: columns.get(name)?.createParser(delimiter) ?? null }));
}

/** Returns a function that makes a record of a row. */
export function createRecordReader(
  columns: readonly OpenColumn[],
): (cells: readonly string[]) => Record<string, unknown> {
  const parsers = columns.flatMap(({ name, parser }, i) => (parser ? [{ name, i, parser }] : []));
  return (cells) => {
    const entries: [string, unknown][] = [];
    for (const { name, i, parser } of parsers) {
      const text = cells[i];
      if (text === undefined) continue;
      if (text.trim() !== '') entries.push([name, parser.parse(text)]);
      else if (parser.isBlankMissing) entries.push([name, null]);
    }
    // Not by assignment: a field named "__proto__" must stay a field.
    return Object.fromEntries(entries);
  };
}

/** The columns that a contract reads, by each of their names. Ignored ones are not among them. */
export function columnsByName({ features, identifier }: Contract): Map<string, Column> {
  const fields = features.map(
    (feature) => [feature, (delimiter: string) => featureKind(feature).createCellParser(delimiter)] as const,
  );
  const all = identifier ? [...fields, [identifier, () => AS_TEXT] as const] : fields;
  return new Map(
    all.flatMap(([{ name, aliases }, createParser]) =>
      [name, ...aliases].map((spelling) => [spelling, { field: name, createParser }] as const),
    ),
  );
}

import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import { compileFastFields } from '../record/fast-validation.ts';
import { createValidator, type Validation, type Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { type Column, createUnquotedRowReader } from './unquoted-row.ts';

/** How the rows of a file are read, by default as records for the validator; or why its header is refused. */
export type CellReading<Row = Record<string, unknown>> =
  | {
      ok: true;
      read(cells: readonly string[]): Row;
      /** Reads the text of a row in which nothing is quoted; undefined where only `read` can tell. */
      readUnquoted?: (text: string, separator: string) => Row | undefined;
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

/** As `createCellReader`, with the rows validated. A row with nothing wrong in it never becomes a record. */
export function createCheckedCellReader(contract: Contract, validate: Validator): CellReader<Validation> {
  const columns = columnsByName(contract);
  const readHeader = createReader(columns, validate);
  const fields = compileFastFields(contract);
  return (names) => {
    const reading = readHeader(names);
    if (!reading.ok) return reading;
    return {
      ok: true,
      read: (cells) => validate(reading.read(cells)),
      readUnquoted: createUnquotedRowReader(names, columns, fields),
    };
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
  const fields = features.map((feature) => ({ ...feature, parse: featureKind(feature).createCellParser() }));
  const all = identifier ? [...fields, { ...identifier, parse: (text: string) => text }] : fields;
  return new Map(
    all.flatMap(({ name, aliases, parse }) =>
      [name, ...aliases].map((spelling) => [spelling, { field: name, parse }] as const),
    ),
  );
}

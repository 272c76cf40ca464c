import type { Contract } from '../contract/contract.ts';
import { createCanonicaliser } from '../record/canonical.ts';
import { isIdentifier } from '../record/read-identifier.ts';
import { createValidator, type Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { identifierMalformed, identifierMissing, noIdentifier, repeated, unmatched } from './join-extracts-messages.ts';
import { createTableOpener, type Extract, type Table } from './join-extracts-tables.ts';
import type { ColumnMapping } from './match-columns.ts';
import type { RefusedRow, SourceRow } from './source-row.ts';

type IdentifiedRow = { line: number; who: number; fields: Record<string, unknown> };
type IdentifiedTable = {
  file: string;
  rows: (IdentifiedRow | RefusedRow)[];
  rowsAbout: ReadonlyMap<number, readonly IdentifiedRow[]>;
};

/**
 * Joins the extracts of a contract's groups (keyed by the group's id) into records, by the contract's identifier. There
 * is one row for each row of the first group's extract, in its order, then one for each row of the others whose
 * identifier the first extract lacks. The columns are recognised as those of a spreadsheet, with `mapping` where their names do not
 * tell. An identifier that an extract lacks, or has twice, is refused. If the files do not fit
 * together, there are fatal rows only.
 */
export function createExtractJoin(
  contract: Contract,
  validate: Validator = createValidator(contract),
  mapping?: ColumnMapping,
): (extracts: ReadonlyMap<string, Extract>) => SourceRow[] {
  if (!contract.identifier) return () => [{ line: 0, violations: [noIdentifier], fatal: true }];
  const { name } = contract.identifier;
  const open = createTableOpener(contract, name, validate, mapping);
  const identify = createIdentification(contract, name);

  return (extracts) => {
    const { tables, refusals } = open(extracts);
    const [first, ...others] = tables.map(identify);
    if (!first) return refusals;
    const { file } = first;
    const all = [first, ...others];
    const joined = first.rows.map((row): SourceRow => {
      if ('violations' in row) return row;
      const violations = all.flatMap((table) => matchFaults(name, row.who, table));
      if (violations.length > 0) return { file, line: row.line, violations };
      return { file, line: row.line, value: { [name]: row.who, ...merge(row.who, all) } };
    });
    return [...joined, ...others.flatMap((table) => strangers(name, table, first))];
  };
}

/** Tells whom every row of a table is about, as the canonicaliser reads it: "1", "E_1" and "000001" are one. */
function createIdentification(contract: Contract, identifier: string): (table: Table) => IdentifiedTable {
  const canonicalise = createCanonicaliser(contract);

  function whoIs(cell: string): number | Violation {
    if (cell.trim() === '') return identifierMissing(identifier);
    const who = canonicalise({ [identifier]: cell }).identifier;
    return isIdentifier(who) ? who : identifierMalformed(identifier, cell);
  }

  return (table) => {
    const { file } = table;
    const rowsAbout = new Map<number, IdentifiedRow[]>();
    const rows = table.rows.map((row): IdentifiedRow | RefusedRow => {
      if ('violations' in row) return { ...row, file };
      const who = whoIs(row.cells[table.identifierAt] ?? '');
      const { line } = row;
      if (typeof who !== 'number') return { file, line, violations: [who] };
      // Rows are read in the file's order, not in that of the first extract.
      const identified = { line, who, fields: table.read(row.cells) };
      const earlier = rowsAbout.get(who);
      if (earlier) earlier.push(identified);
      else rowsAbout.set(who, [identified]);
      return identified;
    });
    return { file, rows, rowsAbout };
  };
}

/** Why a table has not exactly one row about somebody. */
function matchFaults(identifier: string, who: number, { file, rowsAbout }: IdentifiedTable): Violation[] {
  const rows = rowsAbout.get(who) ?? [];
  if (rows.length === 1) return [];
  return [rows.length === 0 ? unmatched(identifier, who, file) : repeated(identifier, who, file, rows)];
}

/** The fields of one identifier in all tables. */
function merge(who: number, tables: readonly IdentifiedTable[]): Record<string, unknown> {
  const parts = tables.map(({ rowsAbout }) => rowsAbout.get(who)?.[0]?.fields ?? {});
  return Object.fromEntries(parts.flatMap(Object.entries));
}

/** The rows of a table whose identifier the first table lacks. */
function strangers(identifier: string, { file, rows }: IdentifiedTable, first: IdentifiedTable): RefusedRow[] {
  return rows.flatMap((row) => {
    if ('violations' in row) return [row];
    if (first.rowsAbout.has(row.who)) return [];
    return [{ file, line: row.line, violations: [unmatched(identifier, row.who, first.file)] }];
  });
}

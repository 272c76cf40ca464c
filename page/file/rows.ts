import type { Outcome } from '../../common/contract/outputs/outputs.ts';
import type { Text } from '../../common/contract/text.ts';
import type { FeatureRecord } from '../../common/record/request-schema.ts';
import type { AnyOutputView } from '../outputs/views.ts';

/** Something that is said of a row. `fields` are canonical names, or none for the row as a whole. */
export type Note = { fields: string[]; message: Text };

/** The model's answer about a row. */
type Result = { id: string } & Outcome;

/** Where a row stands: its line, from 1, in the file of this name. */
type Place = { line: number; file: string };

/** A row that can be predicted, was predicted, or is refused. `notes` are warnings, or the reasons of a refusal. */
export type Row = Place & { identifier: number | null; notes: Note[] } & (
    | { status: 'ready'; record: FeatureRecord }
    | { status: 'predicted'; record: FeatureRecord; result: Result }
    | { status: 'refused' }
  );

/** `column` is `line`, `identifier`, `notes`, or the id of a column of the outcome. */
export type Order = { column: string; descending: boolean };

/** `all`, `refused`, `warned` (predicted with warnings), `unanswered`, or the rows predicted in one group of outcomes. */
export type Filter = { show: 'all' | 'refused' | 'warned' | 'unanswered' } | { group: string };

type Grouping = Pick<AnyOutputView, 'groupOf'>;

export function matches(row: Row, filter: Filter, { groupOf }: Grouping): boolean {
  if ('group' in filter) return row.status === 'predicted' && groupOf(row.result) === filter.group;
  switch (filter.show) {
    case 'all':
      return true;
    case 'refused':
      return row.status === 'refused';
    case 'warned':
      return row.status !== 'refused' && row.notes.length > 0;
    case 'unanswered':
      return row.status === 'ready';
  }
}

/**
 * The rows that match, in this order. Rows that lack a value come last either way; equal rows stay in the order of the file.
 */
export function arrange(
  rows: readonly Row[],
  filter: Filter,
  { column, descending }: Order,
  view: Grouping & Pick<AnyOutputView, 'columns'>,
): Row[] {
  const keyed = rows
    .filter((row) => matches(row, filter, view))
    .map((row, position) => ({ row, position, key: keyOf(row, column, position, view) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null)
      return Number(a.key === null) - Number(b.key === null) || a.position - b.position;
    return sign * (a.key - b.key) || a.position - b.position;
  });
  return keyed.map(({ row }) => row);
}

function keyOf(row: Row, column: string, position: number, { columns }: Pick<AnyOutputView, 'columns'>): number | null {
  switch (column) {
    case 'line':
      return position;
    case 'identifier':
      return row.identifier;
    case 'notes':
      return row.notes.length > 0 ? row.notes.length : null;
    default: {
      const of = columns.find(({ id }) => id === column);
      return of && row.status === 'predicted' ? of.rank(row.result) : null;
    }
  }
}

export type Summary = {
  total: number;
  predicted: number;
  refused: number;
  ready: number;
  /** Predicted, or to be predicted, with warnings. */
  warned: number;
  /** How many are predicted in each group of outcomes that occurs. */
  groups: ReadonlyMap<string, number>;
  outcomes: Outcome[];
};

export function summarise(rows: readonly Row[], view: Grouping): Summary {
  const groups = new Map<string, number>();
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    if (row.status !== 'predicted') continue;
    const group = view.groupOf(row.result);
    if (group !== null) groups.set(group, (groups.get(group) ?? 0) + 1);
    outcomes.push(row.result);
  }
  const count = (show: 'refused' | 'warned' | 'unanswered') =>
    rows.filter((row) => matches(row, { show }, view)).length;
  return {
    total: rows.length,
    predicted: outcomes.length,
    refused: count('refused'),
    ready: count('unanswered'),
    warned: count('warned'),
    groups,
    outcomes,
  };
}

/** An identifier that several rows have, and their lines. */
export type Repeated = { identifier: number; lines: number[] };

/** The identifiers that several rows have which are predicted, or can be. */
export function findRepeated(rows: readonly Row[]): Repeated[] {
  const linesOf = new Map<number, number[]>();
  for (const { identifier, line, status } of rows) {
    if (identifier === null || status === 'refused') continue;
    const lines = linesOf.get(identifier);
    if (lines) lines.push(line);
    else linesOf.set(identifier, [line]);
  }
  return [...linesOf].flatMap(([identifier, lines]) => (lines.length > 1 ? [{ identifier, lines }] : []));
}

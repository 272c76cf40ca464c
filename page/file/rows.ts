import type { Text } from '../../common/contract/text.ts';
import type { FeatureRecord } from '../../common/record/request-schema.ts';

/** Something that is said of a row. `fields` are canonical names, or none for the row as a whole. */
export type Note = { fields: string[]; message: Text };

/** What the model answered about a row. */
type Result = { id: string; label: string; probability: number; threshold: number; risk: string };

/** Where a row stands: its line, from 1, in the file of this name. */
type Place = { line: number; file: string };

/** A row that can be predicted, was predicted, or is refused. `notes` are warnings, or the reasons of a refusal. */
export type Row = Place & { identifier: number | null; notes: Note[] } & (
    | { status: 'ready'; record: FeatureRecord }
    | { status: 'predicted'; record: FeatureRecord; result: Result }
    | { status: 'refused' }
  );

const COLUMNS = ['line', 'identifier', 'probability', 'risk', 'notes'] as const;
export type Column = (typeof COLUMNS)[number];
export type Order = { column: Column; descending: boolean };

/** `all`, `refused`, `warned` (predicted with warnings), `unanswered`, or those predicted with one risk. */
export type Filter = { show: 'all' | 'refused' | 'warned' | 'unanswered' } | { risk: string };

export function matches(row: Row, filter: Filter): boolean {
  if ('risk' in filter) return row.status === 'predicted' && row.result.risk === filter.risk;
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
 * The rows that match, in this order. What a row lacks comes last either way; rows that are equal stay in the order of the
 * file. By risk is by probability, which its bands follow.
 */
export function arrange(rows: readonly Row[], filter: Filter, { column, descending }: Order): Row[] {
  const keyed = rows
    .filter((row) => matches(row, filter))
    .map((row, position) => ({ row, position, key: keyOf(row, column, position) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null)
      return Number(a.key === null) - Number(b.key === null) || a.position - b.position;
    return sign * (a.key - b.key) || a.position - b.position;
  });
  return keyed.map(({ row }) => row);
}

function keyOf(row: Row, column: Column, position: number): number | null {
  switch (column) {
    case 'line':
      return position;
    case 'identifier':
      return row.identifier;
    case 'probability':
    case 'risk':
      return row.status === 'predicted' ? row.result.probability : null;
    case 'notes':
      return row.notes.length > 0 ? row.notes.length : null;
  }
}

export type Summary = {
  total: number;
  predicted: number;
  refused: number;
  ready: number;
  /** Predicted, or to be predicted, with warnings. */
  warned: number;
  /** How many are predicted with each risk that occurs. */
  risks: ReadonlyMap<string, number>;
  probabilities: number[];
};

export function summarise(rows: readonly Row[]): Summary {
  const risks = new Map<string, number>();
  const probabilities: number[] = [];
  for (const row of rows) {
    if (row.status !== 'predicted') continue;
    const { risk, probability } = row.result;
    risks.set(risk, (risks.get(risk) ?? 0) + 1);
    probabilities.push(probability);
  }
  const count = (show: 'refused' | 'warned' | 'unanswered') => rows.filter((row) => matches(row, { show })).length;
  return {
    total: rows.length,
    predicted: probabilities.length,
    refused: count('refused'),
    ready: count('unanswered'),
    warned: count('warned'),
    risks,
    probabilities,
  };
}

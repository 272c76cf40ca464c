import * as z from 'zod';
import type { Outcome } from '../../common/contract/outputs/outputs.ts';
import { INVALID_CURSOR } from '../../common/history/query.ts';
import { ProblemError } from '../errors.ts';
import type { Cursor, HistoryEntry, HistorySort } from '../ports.ts';

/** Postgres has no year 0. */
const Time = z.iso.datetime().regex(/^(?!0000)/);

/** The place of a prediction in each order, as a cursor has it. */
const Position = {
  time: z.tuple([Time, z.uuid()]).transform(([createdAt, id]) => ({ createdAt, id, sorted: 0 })),
  probability: z
    .tuple([Time, z.uuid(), z.number().min(0).max(1)])
    .transform(([createdAt, id, sorted]) => ({ createdAt, id, sorted })),
  value: z.tuple([Time, z.uuid(), z.number()]).transform(([createdAt, id, sorted]) => ({ createdAt, id, sorted })),
} as const;

/** The cursor of the page that comes after a prediction. */
export function cursorAfter({ prediction }: HistoryEntry, sort: HistorySort): Cursor {
  const { createdAt, id } = prediction;
  return { createdAt: new Date(createdAt), id, sorted: sortedOf(prediction, sort) };
}

/** The list by a field has only predictions that have it. */
function sortedOf(outcome: Outcome, sort: HistorySort): number {
  if (sort === 'time') return 0;
  if (sort === 'probability' && 'probability' in outcome) return outcome.probability;
  if (sort === 'value' && 'value' in outcome) return outcome.value;
  throw new Error(`a prediction without ${sort} was listed by it`);
}

/** A cursor is opaque to callers but not secret: it allows nothing that the caller could not ask for without it. */
export function encodeCursor({ createdAt, id, sorted }: Cursor, sort: HistorySort): string {
  const place = [createdAt.toISOString(), id, ...(sort === 'time' ? [] : [sorted])];
  return btoa(JSON.stringify(place)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Throws `invalid-query` for a text that `encodeCursor` does not return for this order. */
export function decodeCursor(text: string, sort: HistorySort): Cursor {
  const cursor = read(text, sort);
  if (!cursor || encodeCursor(cursor, sort) !== text)
    throw new ProblemError('invalid-query', { violations: [INVALID_CURSOR] });
  return cursor;
}

function read(text: string, sort: HistorySort): Cursor | null {
  try {
    const place = Position[sort].parse(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))));
    return { ...place, createdAt: new Date(place.createdAt) };
  } catch {
    return null;
  }
}

import * as z from 'zod';
import { INVALID_CURSOR } from '../../common/history/query.ts';
import { ProblemError } from '../errors.ts';
import type { Cursor } from '../ports.ts';

/** Postgres has no year 0. */
const Position = z.tuple([z.iso.datetime().regex(/^(?!0000)/), z.uuid()]);

/** A cursor is opaque to callers but not secret: it allows nothing that the caller could not ask for without it. */
export function encodeCursor({ createdAt, id }: Cursor): string {
  return btoa(JSON.stringify([createdAt.toISOString(), id]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Throws `invalid-query` for a text that `encodeCursor` does not return. */
export function decodeCursor(text: string): Cursor {
  const cursor = read(text);
  if (!cursor || encodeCursor(cursor) !== text)
    throw new ProblemError('invalid-query', { violations: [INVALID_CURSOR] });
  return cursor;
}

function read(text: string): Cursor | null {
  try {
    const [createdAt, id] = Position.parse(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))));
    return { createdAt: new Date(createdAt), id };
  } catch {
    return null;
  }
}

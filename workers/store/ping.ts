import { sql } from 'drizzle-orm';
import type { History } from '../ports.ts';
import { cachedAnswer } from './cached-answer.ts';
import { type Database, orDatabaseUnavailable } from './database.ts';

type Options = {
  database: () => Database;
  /** Milliseconds since the epoch. */
  now: () => number;
  keepAlive: (work: Promise<unknown>) => void;
};

/** Returns a function that resolves if the database answers, and throws `database-unavailable` otherwise. */
export function createPing({ database, now, keepAlive }: Options): History['ping'] {
  const ask = cachedAnswer(async () => database().execute(sql`select 1`), {
    keptMs: 5000,
    patienceMs: 4000,
    now,
    keepAlive,
  });
  return async () => {
    await orDatabaseUnavailable(ask);
  };
}

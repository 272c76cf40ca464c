import { sql } from 'drizzle-orm';
import type { History } from '../ports.ts';
import { askSeldom } from './ask-seldom.ts';
import type { Database } from './database.ts';
import { reachable } from './reachable.ts';

type Options = {
  database: () => Database;
  /** Milliseconds since the epoch. */
  now: () => number;
  keepAlive: (work: Promise<unknown>) => void;
};

/** Returns a function that resolves if the database answers, and throws `database-unavailable` if it does not. */
export function createPing({ database, now, keepAlive }: Options): History['ping'] {
  const ask = askSeldom(async () => database().execute(sql`select 1`), {
    keptMs: 5000,
    patienceMs: 4000,
    now,
    keepAlive,
  });
  return async () => {
    await reachable(ask);
  };
}

import { drizzle } from 'drizzle-orm/neon-http';
import { ProblemError } from '../errors.ts';
import { databaseErrorOf, neonClient } from './neon-client.ts';
import * as schema from './schema.ts';

export type Database = ReturnType<ReturnType<typeof connect>>;

/** Returns a function that gives a handle for one operation, whose timeout starts when it is made. */
export function connect(databaseUrl: string, timeoutMs?: number) {
  return () => drizzle(neonClient(databaseUrl, timeoutMs), { schema });
}

/** Runs a query that a request waits for. Throws `database-unavailable` if it fails, whatever the failure. */
export async function orDatabaseUnavailable<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (cause) {
    throw new ProblemError('database-unavailable', { cause });
  }
}

/**
 * Whether Postgres refused rows for their content (a value, a constraint, or 54000: a text too long for an index). Other rows may
 * then be accepted. Every other failure, such as an unreachable database or a missing table, concerns all rows alike. Classes of
 * codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isAboutRows(error: unknown): boolean {
  return /^(22|23|54000)/.test(databaseErrorOf(error)?.code ?? '');
}

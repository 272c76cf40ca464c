import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { drizzle } from 'drizzle-orm/neon-http';
import { ProblemError } from '../errors.ts';
import * as schema from './schema.ts';

/** A query without an answer by then is given up. */
const TIMEOUT_MS = 10_000;

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

export type Database = ReturnType<ReturnType<typeof connect>>;

/**
 * The driver's client. Queries go to Neon over HTTPS; a loopback host is a local endpoint that speaks the same protocol
 * over plain HTTP. `timeoutMs` counts from now, for every query of this client together.
 */
export function neonClient(databaseUrl: string, timeoutMs = TIMEOUT_MS) {
  if (LOOPBACK.has(new URL(databaseUrl).hostname)) {
    neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
  }
  return neon(databaseUrl, { fetchOptions: { signal: AbortSignal.timeout(timeoutMs) } });
}

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

/** Drizzle wraps the driver's error when a single statement fails, and not in a batch. */
export function databaseErrorOf(error: unknown): NeonDbError | null {
  if (error instanceof NeonDbError) return error;
  return error instanceof Error && error.cause instanceof NeonDbError ? error.cause : null;
}

import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { drizzle } from 'drizzle-orm/neon-http';
import * as schema from './schema.ts';

/** A query that has no answer by then is given up. */
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
export function connect(databaseUrl: string) {
  return () => drizzle(neonClient(databaseUrl), { schema });
}

/**
 * Whether the same statement may succeed later: the database was not reached, is short of resources or is restarting.
 * Postgres' own refusals (constraint, type, syntax) stay what they are. Classes: PostgreSQL documentation, appendix A.
 */
export function isTransient(error: unknown): boolean {
  const failure = databaseErrorOf(error);
  if (!failure) return false;
  return failure.code === undefined || /^(08|40|53|57|58|XX)/.test(failure.code);
}

/** Drizzle wraps the driver's error when a single statement fails, and not in a batch. */
export function databaseErrorOf(error: unknown): NeonDbError | null {
  if (error instanceof NeonDbError) return error;
  return error instanceof Error && error.cause instanceof NeonDbError ? error.cause : null;
}

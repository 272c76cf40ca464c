import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';

/** A query without an answer by then is given up. */
const TIMEOUT_MS = 10_000;

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

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

/** Drizzle wraps the driver's error when a single statement fails, and not in a batch. */
export function databaseErrorOf(error: unknown): NeonDbError | null {
  if (error instanceof NeonDbError) return error;
  return error instanceof Error && error.cause instanceof NeonDbError ? error.cause : null;
}

import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';
import { openPostgres } from './postgres-backends.ts';

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);
const TIMEOUT_MS = 30_000;

/**
 * Gives the URL under which the Neon driver reaches a database: Neon's own as it is, and that of a local endpoint which
 * speaks the driver's protocol; any other Postgres through such an endpoint.
 */
export async function openDatabase(databaseUrl: string): Promise<NeonEndpoint> {
  if (URL.canParse(databaseUrl) && (await speaksHttp(new URL(databaseUrl)))) {
    return { databaseUrl, close: async () => undefined };
  }
  return startNeonEndpoint(await openPostgres(databaseUrl));
}

/** Postgres itself closes a connection that begins with an HTTP request. */
async function speaksHttp({ hostname, host }: URL): Promise<boolean> {
  if (!LOOPBACK.has(hostname)) return hostname.endsWith('.neon.tech');
  return fetch(`http://${host}/sql`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
    () => true,
    () => false,
  );
}

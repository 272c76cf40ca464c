import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';
import { openPostgres } from './postgres-backends.ts';

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);
const TIMEOUT_MS = 30_000;

/**
 * The URL under which the Neon driver reaches a database. Neon's own URL stays as it is, and so does the URL of a local
 * endpoint that speaks the driver's protocol. Any other Postgres gets such an endpoint.
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

import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';
import { openPostgres } from './postgres-backends.ts';

/**
 * Gives the URL under which the Neon driver reaches a database: Neon's own as it is, any other Postgres through a local
 * endpoint that speaks the driver's protocol.
 */
export async function openDatabase(databaseUrl: string): Promise<NeonEndpoint> {
  if (URL.canParse(databaseUrl) && new URL(databaseUrl).hostname.endsWith('.neon.tech')) {
    return { databaseUrl, close: async () => undefined };
  }
  return startNeonEndpoint(await openPostgres(databaseUrl));
}

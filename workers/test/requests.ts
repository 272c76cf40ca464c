import { env } from 'cloudflare:workers';
import { vi } from 'vitest';

/** The database under test, at an address that nobody else uses: what is asked of it can be told from what others ask. */
export function ownDatabaseUrl(): string {
  return `${env.DATABASE_URL}?of=${crypto.randomUUID()}`;
}

/** Counts the requests that go to a database from now on. Queues deliver what earlier tests predicted at any time. */
export function countRequests(databaseUrl = ''): () => number {
  const fetched = vi.spyOn(globalThis, 'fetch');
  // The driver writes the scheme its own way, and appends parameters.
  const address = databaseUrl.slice(databaseUrl.indexOf('://'));
  const isOurs = (init?: RequestInit) => new Headers(init?.headers).get('neon-connection-string')?.includes(address);
  return () => fetched.mock.calls.filter(([, init]) => isOurs(init)).length;
}

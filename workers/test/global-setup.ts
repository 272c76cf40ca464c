import type { TestProject } from 'vitest/node';
import { applyMigrations } from '../../scripts/lib/database/migrations.ts';
import { startNeonEndpoint } from '../../scripts/lib/database/neon-endpoint.ts';
import { openTestDatabase } from '../../tests/kit/test-database.ts';

/** A real Postgres in memory, migrated, behind the endpoint that the worker's driver talks to. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const endpoint = await startNeonEndpoint(await openTestDatabase());
  await applyMigrations(endpoint.databaseUrl);
  project.provide('databaseUrl', endpoint.databaseUrl);
  return () => endpoint.close();
}

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
  }
}

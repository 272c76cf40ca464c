import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '../../common/scope.ts';
import { createKey } from '../lib/api-keys.ts';
import { startWorker } from '../lib/local-worker.ts';
import { applyMigrations } from '../lib/migrations.ts';
import { readModelFolder } from '../lib/model-folder.ts';
import { startNeonEndpoint } from '../lib/neon-endpoint.ts';
import { withStore } from '../lib/open-store.ts';
import { openEmbedded } from '../lib/postgres-backends.ts';
import { seed } from '../lib/seed.ts';
import { freePort } from '../test/local-stack.ts';

/** So many callers that none of them asks too often: nearly every answer would be a 429. */
const CALLERS = 300;

/** The worker as `npm start` runs it, with a database in memory and many keys that may do everything. */
export async function startFuzzedWorker() {
  const directory = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const model = await readModelFolder('model');
  await withStore('dev', { remote: false, data: directory }, (store) => seed(store, model));
  const database = await startNeonEndpoint(await openEmbedded());
  await applyMigrations(database.databaseUrl);
  const callers = Array.from({ length: CALLERS }, (_, i) =>
    createKey({ id: `c${i}`, scopes: [...Scope.options], expiresAt: null }),
  );
  const port = await freePort();
  const apiKeys = callers.map(({ apiKey }) => apiKey);
  const worker = await startWorker({ port, directory, environment: 'dev', databaseUrl: database.databaseUrl, apiKeys });
  await worker.ready();
  return {
    port,
    contract: model.contract,
    keys: callers.map(({ key }) => key),
    logPath: join(directory, 'worker.log'),
    async stop() {
      await worker.stop();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

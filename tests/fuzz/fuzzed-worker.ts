import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '../../common/api/scope.ts';
import { applyMigrations } from '../../scripts/lib/database/migrations.ts';
import { startNeonEndpoint } from '../../scripts/lib/database/neon-endpoint.ts';
import { openEmbedded } from '../../scripts/lib/database/postgres-backends.ts';
import { createKey } from '../../scripts/lib/deploy/api-keys.ts';
import { startWorker } from '../../scripts/lib/local/local-worker.ts';
import { seed } from '../../scripts/lib/local/seed.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { withStore } from '../../scripts/lib/model/open-store.ts';
import { freePort } from '../kit/local-stack.ts';

/** With fewer callers nearly every answer would be a 429, because each would ask too often. */
const CALLERS = 300;

/**
 * The heap that an isolate has at Cloudflare (https://developers.cloudflare.com/workers/platform/limits/#memory): V8 ends the process
 * that needs more. The others are those of the local Worker.
 */
const V8_FLAGS = '--initial-old-space-size=16 --max-semi-space-size=2 --max-old-space-size=128';

/** The worker as `npm start` runs it, with a database in memory and many keys that may do everything. */
export async function startFuzzedWorker() {
  process.env['MINIFLARE_WORKERD_V8_FLAGS'] = V8_FLAGS;
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

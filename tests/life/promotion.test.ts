import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../scripts/lib/database/migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from '../../scripts/lib/database/neon-endpoint.ts';
import { createKey } from '../../scripts/lib/deploy/api-keys.ts';
import { type LocalWorker, startWorker } from '../../scripts/lib/local/local-worker.ts';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { readPointer, switchVersion } from '../../scripts/lib/model/active-version.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { withStore } from '../../scripts/lib/model/open-store.ts';
import { storeVersion } from '../../scripts/lib/model/stored-versions.ts';
import { noProgressBar } from '../../scripts/lib/progress-bar.ts';
import { callScript } from '../kit/call-script.ts';
import { freePort, START_TIMEOUT_MS } from '../kit/local-stack.ts';
import { makeModelFolder } from '../kit/model-folders.ts';
import { runScript } from '../kit/run-script.ts';
import { openTestDatabase } from '../kit/test-database.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'promotion-'));
  const newer = await makeModelFolder(directory, '1.1.0');
  // Both served in dev, and the older one does now.
  for (const folder of [newer, 'model']) {
    const model = await readModelFolder(folder);
    await withStore('dev', { remote: false, data: directory }, async (store) => {
      await storeVersion(store, model, 'a test', noProgressBar);
      const current = await readPointer(store);
      await switchVersion(store, model, { action: 'activate', by: 'a test', reason: 'a test', current });
    });
  }
}, START_TIMEOUT_MS);
afterAll(() => rm(directory, { recursive: true }));

const local = (...options: string[]) => [...options, '--data', directory];

describe('promotion', () => {
  let endpoint: NeonEndpoint;
  let worker: LocalWorker;
  let stale: Server;
  let staleUrl: string;
  let staleModel: object = { status: 'failed' };
  const { key: predictor, apiKey } = createKey({ id: 'release', scopes: ['predict'], expiresAt: null });
  const reader = createKey({ id: 'reader', scopes: ['read'], expiresAt: null });
  let key = predictor;
  const promoteBy = (run: typeof runScript, target: string, ...options: string[]) =>
    run(
      'promote',
      local('--from', 'dev', '--to', 'prod', '--url', target, '--reason', 'approved', '--json', ...options),
      { FUTURISYS_API_KEY: key },
    );
  const promote = (target: string, ...options: string[]) => promoteBy(callScript, target, ...options);
  async function inProd() {
    const { code, stdout, stderr } = await callScript('models', local('--env', 'prod', '--json'));
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout).versions;
  }

  beforeAll(async () => {
    endpoint = await startNeonEndpoint(await openTestDatabase());
    await applyMigrations(endpoint.databaseUrl);
    worker = await startWorker({
      port: await freePort(),
      directory,
      environment: 'prod',
      databaseUrl: endpoint.databaseUrl,
      apiKeys: [apiKey, reader.apiKey],
    });
    // It has no model yet, so it is not ready.
    await worker.ready('/health/live');
    // A target that is alive, but never serves what it is switched to.
    stale = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ checks: { model: staleModel, database: { status: 'ok' } } }));
    });
    staleUrl = `http://127.0.0.1:${await listenOnLoopback(stale)}`;
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await worker.stop();
    await endpoint.close();
    await stopServer(stale);
  });

  it.each([
    ['a target that cannot be reached', () => promote('http://127.0.0.1:9'), 'cannot be reached'],
    [
      'a version that was never active in dev',
      () => promote(staleUrl, '--version', '7.0.0'),
      'was never active in dev',
    ],
  ])('changes nothing for %s', async (_title, run, said) => {
    const { code, stderr } = await run();
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(await inProd()).toEqual([]);
  });

  it.each([
    ['without a key', '', 'Set FUTURISYS_API_KEY to an API key of that environment with the scope "predict"'],
    ['with a key that may not predict', reader.key, 'FUTURISYS_API_KEY must be an API key of that environment'],
    ['with a key that is cut off', predictor.slice(0, -1), 'FUTURISYS_API_KEY is not a whole API key'],
  ])('changes nothing %s', async (_title, given, said) => {
    key = given;
    const { code, stdout, stderr } = await promote(worker.url);
    key = predictor;
    expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(stdout + stderr).not.toMatch(/fk_[a-z]+_/);
    expect(await inProd()).toEqual([]);
  });

  it('is undone where the target does not come up with the version', async () => {
    const { code, stderr } = await promote(staleUrl, '--wait', '2');
    expect([code, stderr]).toEqual([1, expect.stringContaining('it serves no model')]);
    expect(stderr).toContain('has none now');
    expect((await inProd()).filter(({ active }: { active: boolean }) => active)).toEqual([]);
  });

  it('lets the same bytes serve in the target', { timeout: 240_000 }, async () => {
    // What was withdrawn is nothing to return to.
    const back = await callScript('rollback', local('--env', 'prod', '--reason', 'test'));
    expect([back.code, back.stderr]).toEqual([1, expect.stringContaining('No version is active')]);
    expect(JSON.parse((await promote(worker.url, '--dry-run')).stdout)).toMatchObject({
      changed: false,
      version: '1.0.2',
    });
    const { code, stdout, stderr } = await promoteBy(runScript, worker.url);
    expect([code, stderr]).toEqual([0, expect.stringContaining('253 golden cases and examples')]);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: true,
      active: { version: '1.0.2', action: 'promote' },
    });
    expect(await inProd()).toMatchObject([{ version: '1.0.2', active: true }]);

    const wrong = await promote(staleUrl, '--version', '1.1.0');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('Is --url the address of the target?')]);

    const { contract } = await readModelFolder('model');
    staleModel = { status: 'ok', name: contract.name, version: '1.0.2', sha256: contract.graph.sha256 };
    const next = await promote(staleUrl, '--version', '1.1.0', '--wait', '2');
    expect([next.code, next.stderr]).toEqual([
      1,
      expect.stringContaining('was switched back to technova-attrition 1.0.2'),
    ]);
    expect(await inProd()).toMatchObject([
      { version: '1.1.0', active: false },
      { version: '1.0.2', active: true },
    ]);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { applyMigrations } from '../scripts/lib/database/migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from '../scripts/lib/database/neon-endpoint.ts';
import { createKey } from '../scripts/lib/deploy/api-keys.ts';
import { type LocalWorker, startWorker } from '../scripts/lib/local/local-worker.ts';
import { listenOnLoopback, stopServer } from '../scripts/lib/loopback.ts';
import { readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { callScript } from './kit/call-script.ts';
import { freePort, START_TIMEOUT_MS, type Stack, startStack } from './kit/local-stack.ts';
import { makeModelFolder } from './kit/model-folders.ts';
import { runScript } from './kit/run-script.ts';
import { openTestDatabase } from './kit/test-database.ts';
import { type LocalHub, startLocalHub } from './stand-ins/hub/local-hub.ts';

const WRITER = `hf_${'w'.repeat(8)}`;
const REQUESTS_PER_SECOND = 50;
/** A busy machine answers more slowly than that. More requests at once would wait for each other, and be answered long after. */
const MOST_AT_ONCE = 10;
/** How soon a switch of the active version must be live everywhere. */
const LIVE_WITHIN_MS = 30_000;
/** How long the queue may take to store what was answered. */
const STORED_WITHIN_MS = 180_000;

let directory: string;
let hub: LocalHub;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'life-'));
  hub = await startLocalHub({ tokens: { [WRITER]: { role: 'write', user: 'acme' } } });
});
afterAll(async () => {
  await hub.close();
  await rm(directory, { recursive: true });
});

/** Runs a command that must succeed, and reads its JSON. */
const command = (name: string, ...options: string[]) => resultOf(runScript, name, options);

async function resultOf(run: typeof runScript, name: string, options: readonly string[]) {
  const env = { HF_ENDPOINT: hub.url, HF_MODEL_REPO: 'acme/attrition', HF_TOKEN: WRITER };
  const { code, stdout, stderr } = await run(name, [...options, '--json'], env);
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}
const local = (...options: string[]) => [...options, '--data', directory];

/** What an answer and a recorded prediction have in common. */
const Record = z.object({ id: z.string(), model: z.object({ version: z.string() }) });

type Answered = { at: number; status: number; id: string; version: string };

/** Sends one request every 20 ms until it is stopped. While `MOST_AT_ONCE` are unanswered, it sends none. */
function startLoad(stack: Stack, input: unknown) {
  const body = JSON.stringify(input);
  const answers: Answered[] = [];
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    if (pending.size >= MOST_AT_ONCE) return;
    const request = send().finally(() => pending.delete(request));
    pending.add(request);
  }, 1000 / REQUESTS_PER_SECOND);

  async function send(): Promise<void> {
    const at = Date.now();
    const failed = { at, status: 0, id: '', version: '' };
    try {
      const response = await stack.fetch('/v1/predict', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      const { id, model } = Record.parse(await response.json());
      answers.push({ at, status: response.status, id, version: model.version });
    } catch {
      answers.push(failed);
    }
  }

  return {
    answers,
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
    },
  };
}

/** Waits until the answers to a second's requests, in a row, are of this version; resolves to the time since `from`, in ms. */
async function waitUntilLive(answers: readonly Answered[], version: string, from: number): Promise<number> {
  while (Date.now() - from < LIVE_WITHIN_MS + 1000) {
    const recent = answers.slice(-REQUESTS_PER_SECOND);
    if (recent.length === REQUESTS_PER_SECOND && recent.every((answer) => answer.version === version)) {
      return (recent[0]?.at ?? Date.now()) - from;
    }
    await sleep(100);
  }
  throw new Error(`${version} was not live in time; the last answers: ${JSON.stringify(answers.slice(-3))}`);
}

/** The version of a recorded prediction; undefined if it is not stored by then. */
async function readRecorded(stack: Stack, id: string, deadline: number): Promise<string | undefined> {
  for (;;) {
    const response = await stack.fetch(`/v1/predictions/${id}`);
    const stored = Record.safeParse(await response.json());
    if (stored.success || Date.now() > deadline) return stored.data?.model.version;
    await sleep(200);
  }
}

describe('the life of a model', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = startStack(...local('--port', String(await freePort())));
    await stack.ready();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await stack.stop();
  });

  it('goes from the Hub to live answers and back under load, without a failed or a mixed one', {
    timeout: 300_000,
  }, async () => {
    const newer = await makeModelFolder(directory, '1.1.0');
    await command('publish-model', '--model', 'model');
    await command('publish-model', '--model', newer);
    expect(await command('mirror-model', ...local('--env', 'dev', '--version', '1.0.1'))).toMatchObject({
      stored: false,
    });
    expect(await command('mirror-model', ...local('--env', 'dev'))).toMatchObject({ stored: true, version: '1.1.0' });

    const { contract } = await readModelFolder('model');
    const load = startLoad(stack, contract.examples[1]?.input);
    try {
      await sleep(2000);
      const forth = await command('activate', ...local('--env', 'dev', '--version', '1.1.0', '--reason', 'better'));
      const liveMs = await waitUntilLive(load.answers, '1.1.0', Date.parse(forth.active.activatedAt));
      const back = await command('rollback', ...local('--env', 'dev', '--reason', 'worse after all'));
      const backMs = await waitUntilLive(load.answers, '1.0.1', Date.parse(back.active.activatedAt));
      console.log(`live after ${liveMs} ms, rolled back after ${backMs} ms`);
      expect(Math.max(liveMs, backMs)).toBeLessThan(LIVE_WITHIN_MS);
    } finally {
      await load.stop();
    }

    const { answers } = load;
    console.log(`${answers.length} requests, versions ${Array.from(new Set(answers.map(({ version }) => version)))}`);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const stored = Date.now() + STORED_WITHIN_MS;
    const mixed: string[] = [];
    for (let i = 0; i < answers.length; i += 20) {
      await Promise.all(
        answers.slice(i, i + 20).map(async ({ id, version }) => {
          const recorded = await readRecorded(stack, id, stored);
          if (recorded !== version) mixed.push(`${id}: answered ${version}, recorded ${recorded}`);
        }),
      );
    }
    expect(mixed).toEqual([]);

    const { versions } = await command('models', ...local('--env', 'dev'));
    expect(versions).toMatchObject([
      { version: '1.1.0', active: false, source: expect.stringContaining(hub.url) },
      { version: '1.0.1', active: true, rocAuc: contract.metrics?.rocAuc.mean },
    ]);
  });
});

describe('promotion', () => {
  let endpoint: NeonEndpoint;
  let worker: LocalWorker;
  let stale: Server;
  let staleUrl: string;
  let staleModel: object = { status: 'failed' };
  const { key: predictor, apiKey } = createKey({ id: 'release', scopes: ['predict'], expiresAt: null });
  const reader = createKey({ id: 'reader', scopes: ['read'], expiresAt: null });
  let key = predictor;
  const promote = (target: string, ...options: string[]) =>
    runScript(
      'promote',
      local('--from', 'dev', '--to', 'prod', '--url', target, '--reason', 'approved', '--json', ...options),
      { FUTURISYS_API_KEY: key },
    );
  const inProd = async () => (await resultOf(callScript, 'models', local('--env', 'prod'))).versions;

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
      version: '1.0.1',
    });
    const { code, stdout, stderr } = await promote(worker.url);
    expect([code, stderr]).toEqual([0, expect.stringContaining('253 golden cases and examples')]);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: true,
      active: { version: '1.0.1', action: 'promote' },
    });
    expect(await inProd()).toMatchObject([{ version: '1.0.1', active: true }]);

    const wrong = await promote(staleUrl, '--version', '1.1.0');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('Is --url the address of the target?')]);

    const { contract } = await readModelFolder('model');
    staleModel = { status: 'ok', name: contract.name, version: '1.0.1', sha256: contract.graph.sha256 };
    const next = await promote(staleUrl, '--version', '1.1.0', '--wait', '2');
    expect([next.code, next.stderr]).toEqual([
      1,
      expect.stringContaining('was switched back to technova-attrition 1.0.1'),
    ]);
    expect(await inProd()).toMatchObject([
      { version: '1.1.0', active: false },
      { version: '1.0.1', active: true },
    ]);
  });
});

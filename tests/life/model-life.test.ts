import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { callScript } from '../kit/call-script.ts';
import { freePort, START_TIMEOUT_MS, type Stack, startStack } from '../kit/local-stack.ts';
import { makeModelFolder } from '../kit/model-folders.ts';
import { runScript } from '../kit/run-script.ts';
import { type LocalHub, startLocalHub } from '../stand-ins/hub/local-hub.ts';

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
const command = (name: string, ...options: string[]) => resultOf(callScript, name, options);
/** The same in a process of its own: in this one it would hold up the load. */
const commandUnderLoad = (name: string, ...options: string[]) => resultOf(runScript, name, options);

async function resultOf(run: typeof runScript, name: string, options: readonly string[]) {
  const env = { HF_ENDPOINT: hub.url, HF_MODEL_REPO: 'acme/attrition', HF_TOKEN: WRITER };
  const { code, stdout, stderr } = await run(name, [...options, '--json'], env);
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}
const local = (...options: string[]) => [...options, '--data', directory];

/** What an answer and a recorded prediction have in common. */
const Record = z.object({ id: z.string(), model: z.object({ version: z.string() }) });
const Page = z.object({ items: z.array(Record), nextCursor: z.string().nullable() });

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

/** The versions of the recorded predictions by their ids, once all of these are stored; without those that are not by then. */
async function readRecorded(stack: Stack, ids: readonly string[], deadline: number): Promise<Map<string, string>> {
  for (;;) {
    const stored = new Map<string, string>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const response = await stack.fetch(
        `/v1/predictions?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      const page: z.infer<typeof Page> = Page.parse(await response.json());
      for (const { id, model } of page.items) stored.set(id, model.version);
      cursor = page.nextCursor;
    }
    if (ids.every((id) => stored.has(id)) || Date.now() > deadline) return stored;
    await sleep(1000);
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
    expect(await command('mirror-model', ...local('--env', 'dev', '--version', '1.0.2'))).toMatchObject({
      stored: false,
    });
    expect(await command('mirror-model', ...local('--env', 'dev'))).toMatchObject({ stored: true, version: '1.1.0' });

    const { contract } = await readModelFolder('model');
    const load = startLoad(stack, contract.examples[1]?.input);
    try {
      await sleep(2000);
      const forth = await commandUnderLoad(
        'activate',
        ...local('--env', 'dev', '--version', '1.1.0', '--reason', 'better'),
      );
      const liveMs = await waitUntilLive(load.answers, '1.1.0', Date.parse(forth.active.activatedAt));
      const back = await commandUnderLoad('rollback', ...local('--env', 'dev', '--reason', 'worse after all'));
      const backMs = await waitUntilLive(load.answers, '1.0.2', Date.parse(back.active.activatedAt));
      console.log(`live after ${liveMs} ms, rolled back after ${backMs} ms`);
      expect(Math.max(liveMs, backMs)).toBeLessThan(LIVE_WITHIN_MS);
    } finally {
      await load.stop();
    }

    const { answers } = load;
    console.log(`${answers.length} requests, versions ${Array.from(new Set(answers.map(({ version }) => version)))}`);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const stored = Date.now() + STORED_WITHIN_MS;
    const ids = answers.map(({ id }) => id);
    const recorded = await readRecorded(stack, ids, stored);
    const mixed = answers
      .filter(({ id, version }) => recorded.get(id) !== version)
      .map(({ id, version }) => `${id}: answered ${version}, recorded ${recorded.get(id)}`);
    expect(mixed).toEqual([]);

    const { versions } = await command('models', ...local('--env', 'dev'));
    expect(versions).toMatchObject([
      { version: '1.1.0', active: false, source: expect.stringContaining(hub.url) },
      {
        version: '1.0.2',
        active: true,
        rocAuc: contract.metrics && 'rocAuc' in contract.metrics && contract.metrics.rocAuc.mean,
      },
    ]);
  });
});

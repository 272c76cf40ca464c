import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActivePointer, isActive } from '../../common/contract/active-pointer.ts';
import { binaryContract } from '../../common/test/binary.ts';
import { callScript } from '../../tests/kit/call-script.ts';
import { makeModelFolder } from '../../tests/kit/model-folders.ts';
import { type LocalS3, startLocalS3 } from '../../tests/stand-ins/s3/local-s3.ts';
import { listenOnLoopback, stopServer } from '../lib/loopback.ts';
import { readHistory, readPointer, switchVersion, withdrawVersion } from '../lib/model/active-version.ts';
import { type ModelFolder, readModelFolder } from '../lib/model/model-folder.ts';
import { type Environment, withStore } from '../lib/model/open-store.ts';
import { storeVersion } from '../lib/model/stored-versions.ts';
import { noProgressBar } from '../lib/progress-bar.ts';

// A target that does not serve what it is switched to is asked every second.
vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined }));

const REMOTE = { remote: true, data: '' };
const PROD = 'futurisys-models-prod';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let directory: string;
let old: ModelFolder;
let newer: ModelFolder;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'promote-order-'));
  old = await readModelFolder('model');
  newer = await readModelFolder(await makeModelFolder(directory, '1.1.0'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What the target answers; and whether it follows its pointer to these versions. */
const asked: string[] = [];
let serves: (version: string) => boolean;
const target = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answerTo(path)));
});

function answerTo(path: string): object {
  const pointer = pointerOfProd();
  const [example] = binaryContract(old.contract).examples;
  if (path === '/v1/predict') return { probability: example?.probability, model: pointer };
  if (path !== '/health/ready') return {};
  const followed = pointer && isActive(pointer, pointer) && serves(pointer.version) ? pointer : null;
  const model = followed && { name: followed.name, version: followed.version, sha256: followed.graphSha256 };
  return { checks: { model: model ? { status: 'ok', ...model } : { status: 'failed' }, database: { status: 'ok' } } };
}

let r2: LocalS3;
let url: string;
let listeners: Map<NodeJS.Signals, unknown[]>;
beforeEach(async () => {
  r2 = await startLocalS3(['futurisys-models-dev', PROD]);
  vi.stubEnv('R2_ENDPOINT', r2.url);
  vi.stubEnv('R2_ACCESS_KEY_ID', r2.accessKeyId);
  vi.stubEnv('R2_SECRET_ACCESS_KEY', r2.secretAccessKey);
  url = `http://127.0.0.1:${await listenOnLoopback(target)}`;
  asked.length = 0;
  serves = () => true;
  listeners = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
  await activate('dev', newer);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stopServer(target);
  await r2.close();
  // A promotion minds signals until its process ends; this one goes on.
  for (const name of SIGNALS) {
    for (const listener of process.listeners(name))
      if (!listeners.get(name)?.includes(listener)) process.removeListener(name, listener);
  }
});

async function activate(environment: Environment, model: ModelFolder): Promise<void> {
  await withStore(environment, REMOTE, async (store) => {
    await storeVersion(store, model, 'a test', noProgressBar);
    const current = await readPointer(store);
    await switchVersion(store, model, { action: 'activate', by: 'a test', reason: 'a test', current });
  });
}

function pointerOfProd(): ActivePointer | null {
  const object = r2.buckets.get(PROD)?.get('channels/active.json');
  return object ? ActivePointer.parse(JSON.parse(object.bytes.toString())) : null;
}

const promote = () =>
  callScript('promote', [
    ...['--from', 'dev', '--to', 'prod', '--url', url, '--reason', 'approved', '--remote', '--wait', '0.05'],
  ]);
const history = () =>
  withStore('prod', REMOTE, async (store) =>
    (await readHistory(store)).map(({ action, version }) => `${action} ${version}`),
  );
const putsOfProd = () =>
  r2.requests
    .filter(({ method, path }) => method === 'PUT' && path.startsWith(`/${PROD}/`))
    .map(({ path }) =>
      path
        .split('/')
        .slice(2)
        .join('/')
        .replace(/history.*/, 'history'),
    );

const FILES = ['model.onnx', 'contract.json', 'README.md', 'manifest.json'].map(
  (file) => `models/technova-attrition/1.1.0/${file}`,
);

describe('a promotion', () => {
  it('asks the target, stores the version whole, switches, and has it predict once', async () => {
    await activate('prod', old);
    r2.requests.length = 0;
    const { code, stderr } = await promote();
    expect(code, stderr).toBe(0);
    expect(putsOfProd()).toEqual([...FILES, 'channels/history', 'channels/active.json', 'channels/history']);
    expect(asked).toEqual(['/health/ready', '/v1/validate', ...Array(5).fill('/health/ready'), '/v1/predict']);
    expect(await history()).toEqual(['activate 1.0.2', 'promote 1.1.0']);
  });

  it.each([...FILES, 'channels/active.json'])('changes nothing that serves where it cannot put %s', async (key) => {
    await activate('prod', old);
    const before = pointerOfProd();
    r2.fail('PUT', new RegExp(`^/${PROD}/${key}$`), 400, Number.POSITIVE_INFINITY);
    expect((await promote()).code).toBe(1);
    expect(pointerOfProd()).toEqual(before);
    expect(await history()).toEqual(['activate 1.0.2']);
    // The next run goes on where this one stopped.
    r2.heal();
    expect((await promote()).code).toBe(0);
    expect(await history()).toEqual(['activate 1.0.2', 'promote 1.1.0']);
  });

  it('to an environment without model and Worker needs no address; with a model there, it does', async () => {
    const promoteFirst = () =>
      callScript('promote', ['--from', 'dev', '--to', 'prod', '--reason', 'first', '--remote', '--before-deploy']);
    vi.stubEnv('R2_ACCESS_KEY_ID_PROD', r2.accessKeyId);
    vi.stubEnv('R2_ENDPOINT_DEV', r2.url);
    const first = await promoteFirst();
    expect(first.code, first.stderr).toBe(0);
    expect([await history(), asked]).toEqual([['promote 1.1.0'], []]);
    await activate('prod', old);
    expect(await promoteFirst()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('1.0.2 is active in prod: promote with --url'),
    });
    expect(await history()).toEqual(['promote 1.1.0', 'activate 1.0.2']);
  });

  it('to a target whose version was withdrawn lets the new one serve', async () => {
    await activate('prod', old);
    await withdrawFromProd();
    const { code, stderr } = await promote();
    expect(code, stderr).toBe(0);
    expect(pointerOfProd()).toMatchObject({ action: 'promote', version: '1.1.0', withdrawn: [{ version: '1.0.2' }] });
  });

  it('that does not come up never returns to a version that was withdrawn', async () => {
    await activate('prod', old);
    await withdrawFromProd();
    serves = (version) => version !== '1.1.0';
    const { code, stderr } = await promote();
    expect([code, stderr]).toEqual([1, expect.stringContaining('had no active version before, and has none now')]);
    expect(pointerOfProd()).toMatchObject({ action: 'withdraw', withdrawn: [{ version: '1.0.2' }] });
    expect(await history()).toEqual(['activate 1.0.2', 'withdraw 1.0.2', 'promote 1.1.0', 'withdraw 1.1.0']);
  });

  it('that does not come up returns to the version before', async () => {
    await activate('prod', old);
    serves = (version) => version !== '1.1.0';
    const { code, stderr } = await promote();
    expect([code, stderr]).toEqual([1, expect.stringContaining('was switched back to technova-attrition 1.0.2')]);
    expect(await history()).toEqual(['activate 1.0.2', 'promote 1.1.0', 'rollback 1.0.2']);
  });

  it('is refused before anything is stored where the target serves something else than its pointer says', async () => {
    await activate('prod', old);
    serves = () => false;
    r2.requests.length = 0;
    expect((await promote()).stderr).toContain('serves no model, but technova-attrition 1.0.2');
    expect([putsOfProd(), asked]).toEqual([[], ['/health/ready']]);
  });
});

async function withdrawFromProd(): Promise<void> {
  await withStore('prod', REMOTE, async (store) => {
    const current = await readPointer(store);
    await withdrawVersion(store, old.contract, { by: 'a reviewer', reason: 'it discriminates', current });
  });
}

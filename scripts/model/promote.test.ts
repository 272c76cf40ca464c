import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { VersionId } from '../../common/contract/active-pointer.ts';
import { callScript } from '../../tests/kit/call-script.ts';
import { makeModelFolder } from '../../tests/kit/model-folders.ts';
import { collect } from '../../tests/kit/run-script.ts';
import { type LocalS3, startLocalS3 } from '../../tests/stand-ins/s3/local-s3.ts';
import { listenOnLoopback, stopServer } from '../lib/loopback.ts';
import { readHistory, readPointer, switchVersion, withdrawVersion } from '../lib/model/active-version.ts';
import { type ModelFolder, readModelFolder, sha256 } from '../lib/model/model-folder.ts';
import { type Environment, withStore } from '../lib/model/open-store.ts';
import { storeVersion } from '../lib/model/stored-versions.ts';
import { noProgressBar } from '../lib/progress-bar.ts';

const REMOTE = { remote: true, data: '' };

// A target that is ready, and never serves what it is switched to.
const target = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ checks: { model: serves, database: { status: 'ok' } } }));
});
let serves: object;
let url: string;
let r2: LocalS3;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'promote-'));
  r2 = await startLocalS3(['futurisys-models-dev', 'futurisys-models-prod']);
  vi.stubEnv('R2_ENDPOINT', r2.url);
  vi.stubEnv('R2_ACCESS_KEY_ID', r2.accessKeyId);
  vi.stubEnv('R2_SECRET_ACCESS_KEY', r2.secretAccessKey);
  url = `http://127.0.0.1:${await listenOnLoopback(target)}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stopServer(target);
  await r2.close();
  await rm(directory, { recursive: true });
});

async function activate(
  environment: Environment,
  model: ModelFolder,
  alsoServing: readonly VersionId[] = [],
): Promise<void> {
  await withStore(environment, REMOTE, async (store) => {
    await storeVersion(store, model, 'a test', noProgressBar);
    const current = await readPointer(store);
    await switchVersion(store, model, { action: 'activate', by: 'a test', reason: 'a test', current, alsoServing });
  });
}

async function withdraw(environment: Environment, id: VersionId): Promise<void> {
  await withStore(environment, REMOTE, async (store) => {
    const current = await readPointer(store);
    await withdrawVersion(store, id, { by: 'a reviewer', reason: 'it discriminates', current });
  });
}

/** Promotes from dev to prod, and is stopped as a Ctrl-C in a terminal does it, which reaches every process of the group. */
async function promoteUntilItWaits() {
  const options = ['--from', 'dev', '--to', 'prod', '--url', url, '--reason', 'approved', '--remote'];
  const child = spawn(process.execPath, ['scripts/model/promote.ts', ...options, '--wait', '600'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const finished = collect(child);
  await vi.waitFor(() => expect(output).toContain(`waiting until ${url} serves it`), { timeout: 50_000, interval: 20 });
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
  return finished;
}

const switchesOfProd = () =>
  withStore('prod', REMOTE, async (store) =>
    (await readHistory(store)).map(({ action, version }) => `${action} ${version}`),
  );

describe('a promotion that is interrupted', () => {
  it('leaves a target without a version where it had none', async () => {
    serves = { status: 'failed' };
    await activate('dev', await readModelFolder('model'));
    const { code, stdout, stderr } = await promoteUntilItWaits();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/Error: Stopped by SIGINT\.\n.*had no active version before, and has none now\./);
    expect(await switchesOfProd()).toEqual(['promote 1.0.2', 'withdraw 1.0.2']);
  });

  it('switches the target back', async () => {
    const model = await readModelFolder('model');
    const { name, version, graph } = model.contract;
    serves = { status: 'ok', name, version, sha256: graph.sha256 };
    const beside = [{ name, version: '0.9.0' }];
    await activate('prod', model, beside);
    await activate('dev', await readModelFolder(await makeModelFolder(directory, '1.1.0')));
    const { code, stderr } = await promoteUntilItWaits();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`was switched back to ${name} 1.0.2`)]);
    expect(await switchesOfProd()).toEqual(['activate 1.0.2', 'promote 1.1.0', 'rollback 1.0.2']);
    const after = await withStore('prod', REMOTE, readPointer);
    expect(after?.pointer).toMatchObject({ alsoServing: beside, withdrawn: [] });
  });
});

describe('a target that serves another contract under the same version', () => {
  it('is refused before anything is switched', async () => {
    const model = await readModelFolder('model');
    const { name, version, graph } = model.contract;
    await activate('prod', model);
    await activate('dev', await readModelFolder(await makeModelFolder(directory, '1.1.0')));
    const promote = () =>
      callScript('promote', [
        ...['--from', 'dev', '--to', 'prod', '--url', url, '--reason', 'approved', '--remote', '--dry-run'],
      ]);
    serves = { status: 'ok', name, version, sha256: graph.sha256, contractSha256: 'f'.repeat(64) };
    const other = await promote();
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/serves .*contract f{12}\), but .* is active/),
    ]);
    serves = {
      status: 'ok',
      name,
      version,
      sha256: graph.sha256,
      contractSha256: sha256(model.files['contract.json']),
    };
    expect(await promote()).toMatchObject({ code: 0 });
  });
});

describe('an environment whose version was withdrawn', () => {
  const promote = (...more: string[]) =>
    callScript('promote', [
      ...['--from', 'dev', '--to', 'prod', '--url', url, '--reason', 'approved', '--remote', '--wait', '0.1'],
      ...more,
    ]);

  it('serves none: it takes a version, and has none again where that does not come up', async () => {
    serves = { status: 'failed' };
    const older = await readModelFolder('model');
    const { name, version } = older.contract;
    await activate('prod', older);
    await withdraw('prod', { name, version });
    await activate('dev', await readModelFolder(await makeModelFolder(directory, '1.1.0')));
    const dry = await promote('--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('1.1.0 could be promoted to prod')]);
    const { code, stderr } = await promote();
    expect([code, stderr]).toEqual([1, expect.stringContaining('had no active version before, and has none now.')]);
    const after = await withStore('prod', REMOTE, readPointer);
    expect(after?.pointer).toMatchObject({ action: 'withdraw', version: '1.1.0', withdrawn: [{ name, version }] });
    expect(await switchesOfProd()).toEqual(['activate 1.0.2', 'withdraw 1.0.2', 'promote 1.1.0', 'withdraw 1.1.0']);
  });

  it('has nothing to promote', async () => {
    const model = await readModelFolder('model');
    const { name, version } = model.contract;
    await activate('dev', model);
    await withdraw('dev', { name, version });
    const { code, stderr } = await promote();
    expect([code, stderr]).toEqual([1, expect.stringContaining('No version is active in dev: activate one there')]);
    expect(await switchesOfProd()).toEqual([]);
  });
});

describe('a version that was withdrawn', () => {
  it('is not promoted: neither from where it was withdrawn, nor to it', async () => {
    const model = await readModelFolder('model');
    const { name, version, graph } = model.contract;
    serves = { status: 'ok', name, version: '1.1.0', sha256: graph.sha256 };
    const promote = (...more: string[]) =>
      callScript('promote', [
        ...['--from', 'dev', '--to', 'prod', '--url', url, '--reason', 'approved', '--remote', '--dry-run'],
        ...['--version', version, ...more],
      ]);
    const newer = await readModelFolder(await makeModelFolder(directory, '1.1.0'));
    for (const environment of ['dev', 'prod'] as const) {
      await activate(environment, model);
      await activate(environment, newer);
    }
    await withdraw('prod', { name, version });
    const to = await promote();
    expect([to.code, to.stderr]).toEqual([1, expect.stringContaining('1.0.2 was withdrawn on')]);
    const reinstated = await promote('--reinstate');
    expect(reinstated.stderr).not.toContain('was withdrawn');
    await withdraw('dev', { name, version });
    const from = await promote('--reinstate');
    expect([from.code, from.stderr]).toEqual([
      1,
      expect.stringContaining('1.0.2 was withdrawn from dev by a reviewer: it discriminates. Activate it there first'),
    ]);
  });
});

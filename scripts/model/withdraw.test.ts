import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActivePointer } from '../../common/contract/active-pointer.ts';
import { callScript } from '../../tests/kit/call-script.ts';
import { makeModelFolder } from '../../tests/kit/model-folders.ts';
import { type LocalS3, startLocalS3 } from '../../tests/stand-ins/s3/local-s3.ts';
import { readPointer } from '../lib/model/active-version.ts';
import { readModelFolder } from '../lib/model/model-folder.ts';
import { withStore } from '../lib/model/open-store.ts';
import { storeVersion } from '../lib/model/stored-versions.ts';
import { noProgressBar } from '../lib/progress-bar.ts';

const REMOTE = { remote: true, data: '' };
const NAME = 'technova-attrition';

let directory: string;
let r2: LocalS3;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'withdraw-'));
  r2 = await startLocalS3(['futurisys-models-dev']);
  vi.stubEnv('R2_ENDPOINT', r2.url);
  vi.stubEnv('R2_ACCESS_KEY_ID', r2.accessKeyId);
  vi.stubEnv('R2_SECRET_ACCESS_KEY', r2.secretAccessKey);
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
    const model = await readModelFolder(await makeModelFolder(directory, version));
    await withStore('dev', REMOTE, (store) => storeVersion(store, model, 'a test', noProgressBar));
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await r2.close();
  await rm(directory, { recursive: true });
});

const run = (command: string, ...options: string[]) => callScript(command, ['--env', 'dev', '--remote', ...options]);
async function done(command: string, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command, ...options, '--reason', 'a reason', '--by', 'somebody');
  expect(code, stderr).toBe(0);
  return stdout;
}
async function refused(command: string, ...options: string[]): Promise<string> {
  const before = await pointer();
  const { code, stderr } = await run(command, ...options, '--reason', 'a reason', '--by', 'somebody');
  expect(code).not.toBe(0);
  expect(await pointer()).toEqual(before);
  return stderr;
}
const pointer = async () => (await withStore('dev', REMOTE, readPointer))?.pointer;
const numbers = (list: ActivePointer['alsoServing']) => list?.map(({ version }) => version);

describe('the versions that may be asked for', () => {
  it('are those that an activation names, and stay until another one names others', async () => {
    expect(await done('activate', '--version', '1.0.0')).toContain('Callers may ask for no other version');
    expect(await done('activate', '--version', '1.1.0', '--also-serve', '1.0.0')).toContain(
      'Callers may also ask for 1.0.0.',
    );
    expect(await done('activate', '--version', '1.2.0')).toContain('also ask for 1.0.0.');
    expect(await done('rollback')).toContain('also ask for 1.0.0.');
    expect(await pointer()).toMatchObject({ version: '1.1.0', alsoServing: [{ name: NAME, version: '1.0.0' }] });

    // The active version stays, and with it the time since which it serves.
    const listed = JSON.parse((await run('models', '--json')).stdout).versions;
    await done('activate', '--version', '1.1.0', '--also-serve', '1.2.0', '--also-serve', `${NAME}/1.0.0`);
    expect(numbers((await pointer())?.alsoServing)).toEqual(['1.2.0', '1.0.0']);
    const later = JSON.parse((await run('models', '--json')).stdout).versions;
    expect(later).toMatchObject([
      { version: '1.2.0', active: false, served: true },
      { version: '1.1.0', active: true, served: true, since: listed[1].since },
      { version: '1.0.0', active: false, served: true },
    ]);
    expect(await done('activate', '--version', '1.1.0', '--also-serve', 'none')).toContain('no other version');
    expect(await done('activate', '--version', '1.1.0')).toContain('serves already');
  });

  it('must be stored, and written as numbers', async () => {
    expect(await refused('activate', '--version', '1.0.0', '--also-serve', '9.9.9')).toContain(
      '9.9.9 is not (completely) in',
    );
    expect(await refused('activate', '--version', '1.0.0', '--also-serve', 'latest')).toContain(
      '--also-serve must be X.Y.Z',
    );
  });
});

describe('a version that was withdrawn', () => {
  it('answers nobody, and is activated again only where somebody says so', async () => {
    await done('activate', '--version', '1.0.0');
    await done('activate', '--version', '1.1.0', '--also-serve', '1.0.0');
    expect(await done('withdraw', '--version', '1.0.0')).toContain(
      'Withdrawn from dev: technova-attrition 1.0.0. technova-attrition 1.1.0 serves. Callers may ask for no other',
    );
    expect(await pointer()).toMatchObject({
      version: '1.1.0',
      action: 'activate',
      alsoServing: [],
      withdrawn: [{ name: NAME, version: '1.0.0', withdrawnBy: 'somebody', reason: 'a reason' }],
    });
    expect(await done('withdraw', '--version', '1.0.0')).toContain('was withdrawn already');
    expect((await run('models')).stdout).toMatch(/1\.0\.0 .* withdrawn on .* by somebody: a reason/);

    const said = 'technova-attrition 1.0.0 was withdrawn on';
    expect(await refused('activate', '--version', '1.0.0')).toContain(said);
    expect(await refused('activate', '--version', '1.1.0', '--also-serve', '1.0.0')).toContain(said);
    expect(await refused('rollback')).toContain('has no earlier good version to return to');
    await done('activate', '--version', '1.2.0');
    expect(await refused('activate', '--version', '1.0.0')).toContain('give --reinstate');

    await done('activate', '--version', '1.0.0', '--reinstate');
    expect(await pointer()).toMatchObject({ version: '1.0.0', withdrawn: [] });
  });

  it('stops serving where that is said', async () => {
    await done('activate', '--version', '1.0.0');
    await done('activate', '--version', '1.1.0');
    expect(await refused('withdraw', '--version', '1.1.0')).toContain('or give --stop-serving');
    expect(await done('withdraw', '--version', '1.1.0', '--stop-serving')).toContain('Nothing is active.');
    expect(await pointer()).toMatchObject({ version: '1.1.0', action: 'withdraw' });
    expect(await refused('rollback')).toContain('No version is active in');
    expect(JSON.parse((await run('models', '--json')).stdout).versions).toMatchObject([
      { version: '1.2.0', active: false },
      { version: '1.1.0', active: false, served: false, since: null, withdrawn: expect.stringContaining('a reason') },
      { version: '1.0.0', active: false },
    ]);
    // Nothing becomes active by the withdrawal of another one.
    await done('withdraw', '--version', '1.2.0');
    expect(await pointer()).toMatchObject({ action: 'withdraw' });
    await done('activate', '--version', '1.0.0');
    expect(numbers((await pointer())?.withdrawn)).toEqual(['1.1.0', '1.2.0']);
  });

  it('is none that is not stored', async () => {
    expect(await refused('withdraw', '--version', '9.9.9')).toContain('Version 9.9.9 is not in');
  });
});

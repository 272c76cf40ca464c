import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys, keyIdOf } from '../../common/api/api-key.ts';
import { collect, type Finished } from '../../tests/kit/run-script.ts';
import { digestOf } from '../lib/deploy/api-keys.ts';

const SCRIPT = resolve('scripts/deploy/create-key.ts');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-'));
});
afterEach(() => rm(directory, { recursive: true }));

function createKey(...options: string[]): Promise<Finished> {
  return collect(spawn(process.execPath, [SCRIPT, ...options], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] }));
}

async function json(...options: string[]) {
  const { code, stdout, stderr } = await createKey(...options, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const read = async (environment = 'dev') => readFile(join(directory, `.dev.vars.${environment}`), 'utf8');
const keys = async () => ApiKeys.parse(JSON.parse(parseEnv(await read())['API_KEYS'] ?? ''));
const inDays = (days: number) => Date.now() + days * 24 * 60 * 60 * 1000;

describe('create-key', () => {
  it('makes a key whose digest it writes beside the other variables, and shows it once', async () => {
    await writeFile(join(directory, '.dev.vars.dev'), '# mine\nDATABASE_URL=postgres://x\n');
    const made = await json('--id', 'hr-app', '--scopes', 'read, predict', '--write');
    expect(keyIdOf(made.key)).toBe('hr-app');
    expect(await keys()).toEqual([
      { id: 'hr-app', sha256: digestOf(made.key), scopes: ['predict', 'read'], expiresAt: made.expiresAt },
    ]);
    expect(Math.abs(Date.parse(made.expiresAt) - inDays(365))).toBeLessThan(60_000);
    expect(await read()).toContain('# mine\nDATABASE_URL=postgres://x\n');
    expect(await read()).not.toContain(made.key.slice(-43));
    expect((await createKey('--list')).stdout).toMatch(/^hr-app {2}predict, read {2}expires 20/);
  });

  it('prints a command that sets the value, and writes nothing by itself', async () => {
    const { code, stdout } = await createKey('--id', 'a', '--scopes', 'admin', '--expires', 'never', '--env', 'prod');
    expect(code).toBe(0);
    expect(stdout.indexOf('will not know this key: --write was not given')).toBe('.dev.vars.prod '.length);
    const [key] = stdout.match(/^fk_a_.*$/m) ?? [];
    const [, value] = stdout.match(/^echo '(.*)' \| npx wrangler secret put API_KEYS --env prod$/m) ?? [];
    expect(JSON.parse(value ?? '')).toEqual([
      { id: 'a', sha256: digestOf(key ?? ''), scopes: ['admin'], expiresAt: null },
    ]);
    expect(stdout).toContain('had no API_KEYS: if the Worker has keys, this value makes them stop working');
    await expect(read('prod')).rejects.toThrow('ENOENT');
  });

  it('rotates: a second id, then without the first one', async () => {
    const first = await json('--id', 'app-1', '--scopes', 'read', '--write');
    const second = await json('--id', 'app-2', '--scopes', 'read', '--days', '30', '--write');
    expect((await keys()).map(({ sha256 }) => sha256)).toEqual([first.key, second.key].map(digestOf));
    expect(JSON.parse((await json('--revoke', 'app-1', '--write')).value)).toMatchObject([{ id: 'app-2' }]);
    expect((await keys()).map(({ id }) => id)).toEqual(['app-2']);
  });

  it('replaces a key only when told to', async () => {
    await json('--id', 'app', '--scopes', 'read', '--write');
    const before = await read();
    const { code, stderr } = await createKey('--id', 'app', '--scopes', 'write', '--write');
    expect([code, stderr]).toEqual([1, expect.stringContaining('has a key "app" already')]);
    expect(await read()).toBe(before);
    await json('--id', 'app', '--scopes', 'write', '--replace', '--write');
    expect(await keys()).toMatchObject([{ id: 'app', scopes: ['write'] }]);
  });

  it('points out the keys that have expired', async () => {
    const old = { id: 'old', sha256: 'a'.repeat(64), scopes: ['read'], expiresAt: '2020-01-01T00:00:00.000Z' };
    await writeFile(join(directory, '.dev.vars.dev'), `API_KEYS='${JSON.stringify([old])}'\n`);
    expect((await createKey('--list')).stdout).toBe('old  read  EXPIRED 2020-01-01\n');
    expect((await createKey('--id', 'new', '--scopes', 'read')).stdout).toContain(
      'Expired, and only taking up space: old',
    );
  });

  it('refuses more keys than a secret can hold', async () => {
    const many = Array.from({ length: 34 }, (_, i) => ({
      id: `application-${i}`,
      sha256: 'a'.repeat(64),
      scopes: ['predict', 'read'],
      expiresAt: null,
    }));
    await writeFile(join(directory, '.dev.vars.dev'), `API_KEYS='${JSON.stringify(many)}'\n`);
    const before = await read();
    const { code, stdout, stderr } = await createKey('--id', 'one-more', '--scopes', 'read', '--write');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/35 keys are \d+ bytes, and a secret at Cloudflare has at most 5000: about 3\d such keys/);
    expect(await read()).toBe(before);
  });

  it.each([
    ['API_KEYS that it did not make', 1, 'is not what npm run create-key makes', ['--list']],
    ['a key that is not there', 1, 'has no key "x"', ['--revoke', 'x', '--env', 'prod']],
    ['nothing to do', 2, 'Give one of --id, --revoke and --list', []],
    ['two things to do', 2, 'Give one of', ['--id', 'a', '--list']],
    ['half a key', 2, '--scopes must be', ['--id', 'a', '--env', 'prod']],
    ['an unknown option', 2, 'See --help', ['--all']],
  ])('refuses %s', async (_title, exitCode, said, options) => {
    await writeFile(join(directory, '.dev.vars.dev'), "API_KEYS='very-secret'\n");
    const { code, stdout, stderr } = await createKey(...options);
    expect([code, stdout, stderr]).toEqual([exitCode, '', expect.stringContaining(said)]);
    expect(stderr).not.toMatch(/very-secret| {4}at /);
  });
});

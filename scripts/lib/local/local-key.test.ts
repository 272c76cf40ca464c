import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiKeys } from '../../../common/api/api-key.ts';
import { Scope } from '../../../common/api/scope.ts';
import { digestOf } from '../deploy/api-keys.ts';
import { provideLocalKey } from './local-key.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-'));
});
afterEach(() => rm(directory, { recursive: true }));

it('makes a key that may do everything, for its owner alone, and gives the same one again', async () => {
  const { path, apiKey } = await provideLocalKey(directory);
  const key = (await readFile(path, 'utf8')).trim();
  expect(ApiKeys.parse([apiKey])).toEqual([
    { id: 'local', sha256: digestOf(key), scopes: Scope.options, expiresAt: null },
  ]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await provideLocalKey(directory)).toEqual({ path, apiKey });
});

it('refuses a file that has something else, without showing it', async () => {
  await writeFile(join(directory, 'api-key'), 'very-secret');
  await expect(provideLocalKey(directory)).rejects.toThrow('Delete it');
  await expect(provideLocalKey(directory)).rejects.not.toThrow('very-secret');
});

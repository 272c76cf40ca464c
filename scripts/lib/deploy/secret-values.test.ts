import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSecretValues } from './secret-values.ts';

const home = process.cwd();
const SECRET = 'postgres://user:very-secret@db.example.org/main';
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secrets-'));
  process.chdir(directory);
});
afterEach(async () => {
  process.chdir(home);
  await rm(directory, { recursive: true });
});

it('reads those that are wanted, and no others', async () => {
  await writeFile('.dev.vars.dev', `DATABASE_URL="${SECRET}"\nOTHER=unused\n`);
  expect(Array.from(await readSecretValues('dev', ['DATABASE_URL']))).toEqual([['DATABASE_URL', SECRET]]);
});

it('refuses one that is missing or malformed, without showing it', async () => {
  await expect(readSecretValues('dev', ['DATABASE_URL'])).rejects.toThrow('There is no .dev.vars.dev');
  await writeFile('.dev.vars.dev', 'DATABASE_URL=very-secret\n');
  await expect(readSecretValues('dev', ['DATABASE_URL', 'KEY'])).rejects.toThrow(
    /^DATABASE_URL is not a connection string/,
  );
  await expect(readSecretValues('dev', ['DATABASE_URL'])).rejects.not.toThrow('very-secret');
  await expect(readSecretValues('dev', ['KEY'])).rejects.toThrow('.dev.vars.dev has no KEY');
});

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

it('takes a list of API keys, and nothing else for one', async () => {
  const entry = { id: 'app', sha256: 'a'.repeat(64), scopes: ['read'], expiresAt: null };
  const given = async (value: unknown) => {
    await writeFile('.dev.vars.dev', `API_KEYS='${JSON.stringify(value)}'\n`);
    return Array.from(await readSecretValues('dev', ['API_KEYS']));
  };
  expect(await given([entry])).toEqual([['API_KEYS', JSON.stringify([entry])]]);
  await expect(given([{ ...entry, sha256: 'very-secret' }])).rejects.toThrow(/^API_KEYS .* \(at 0\.sha256\)/);
  await expect(given([{ ...entry, sha256: 'very-secret' }])).rejects.not.toThrow('very-secret');
  await expect(given('very-secret')).rejects.not.toThrow('very-secret');
  const many = Array.from({ length: 50 }, (_, i) => ({ ...entry, id: `app-${i}` }));
  await expect(given(many)).rejects.toThrow('a secret at Cloudflare has at most 5000');
});

it('says how to make an API key where there is none', async () => {
  await writeFile('.dev.vars.dev', 'OTHER=1\n');
  await expect(readSecretValues('dev', ['API_KEYS'])).rejects.toThrow(
    'npm run create-key -- --id ID --scopes predict,read --env dev --write',
  );
});

import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callScript } from '../../tests/kit/call-script.ts';
import { type Checkout, makeCheckout } from '../../tests/kit/git-checkout.ts';
import { runScript } from '../../tests/kit/run-script.ts';
import { createKey } from '../lib/deploy/api-keys.ts';

let checkout: Checkout;
beforeEach(async () => {
  checkout = await makeCheckout();
});
afterEach(() => checkout.remove());

const check = () => callScript('check-secrets', ['--directory', checkout.directory]);

/** Random every time, and put together here: none of them is in this file. No character comes twice in the first 36. */
function letters(length: number): string {
  const alphabet = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
  for (let last = alphabet.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [alphabet[last], alphabet[other]] = [alphabet[other] as string, alphabet[last] as string];
  }
  return alphabet.join('').repeat(2).slice(0, length);
}

/** As npm run make-signing-key prints it. */
function signingKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
}

const SECRETS: [what: string, make: () => string][] = [
  ['an API key of this service', () => createKey({ id: 'hr-app', scopes: ['read'], expiresAt: null }).key],
  ['a Hugging Face token', () => `hf_${letters(34)}`],
  ['a Cloudflare token', () => `cfut_${letters(48)}`],
  ['the value of a secret variable', () => `CLOUDFLARE_API_TOKEN=${letters(40)}`],
  ['the value of a secret variable', () => `"R2_SECRET_ACCESS_KEY": "${letters(64)}"`],
  ['the value of a secret variable', () => `const apiToken = 1; env.SOME_TOKEN = '${letters(40)}';`],
  ['a GitHub token', () => `ghp_${letters(36)}`],
  ['an npm token', () => `npm_${letters(36)}`],
  ['an AWS access key', () => `AKIA${letters(16).toUpperCase()}`],
  ['a Neon API key or password', () => `npg_${letters(16)}`],
  ['a database URL with its password', () => `postgres://hr:${letters(16)}@ep-x-1.eu-central-1.aws.neon.tech/hr`],
  ['a private key for models', () => `release-2026:${signingKey()}`],
  [
    'a private key',
    () => `-----BEGIN ${'PRIVATE'} KEY-----\n${randomBytes(48).toString('base64')}\n-----END ${'PRIVATE'} KEY-----`,
  ],
];

describe('npm run check:secrets', () => {
  it.each(SECRETS)('finds %s, and does not repeat it', async (what, make) => {
    const secret = make();
    await checkout.commit('feat: x', { 'a.ts': 'nothing\n', 'b.ts': `one\ntwo\nconst x = 1; // ${secret}\n` });
    const { code, stdout, stderr } = await check();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`b.ts:3: ${what}`);
    for (const part of secret.match(/[A-Za-z0-9]{16,}/g) ?? []) expect(stderr).not.toContain(part);
  });

  it('finds those that are not committed yet, and none in what git ignores', async () => {
    await checkout.commit('feat: x', { '.gitignore': '.local/\n' });
    await mkdir(join(checkout.directory, '.local'));
    await writeFile(join(checkout.directory, '.local/api-key'), `hf_${letters(34)}`);
    expect((await check()).code).toBe(0);
    await checkout.write('new.md', `hf_${letters(34)}`);
    expect((await check()).stderr).toContain('new.md:1: a Hugging Face token');
  });

  it('finds files that are made for secrets', async () => {
    await checkout.commit('feat: x', { '.dev.vars.prod': 'A=1\n', 'server.pem': 'x\n', '.dev.vars.example': 'A=…\n' });
    const { stderr } = await check();
    expect(stderr).toContain('.dev.vars.prod: a file of secrets\n');
    expect(stderr).toContain('server.pem: a file of secrets\n');
    expect(stderr).not.toContain('.dev.vars.example');
  });

  it.each([
    `fk_hr-app_${'x'.repeat(43)}`,
    'HF_TOKEN=hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'postgres://postgres:a-password@127.0.0.1:5432/postgres',
    'postgres://user:password@host/database',
    'CLOUDFLARE_API_TOKEN: process.env.CLOUDFLARE_API_TOKEN_OF_STAGE_2',
    `${'$'}{{ secrets.CLOUDFLARE_API_TOKEN }}`,
    '"sha256": "154a7b558e97551db10dceda4ddb6da3826f3b83ba69c6b414c591746f8b17c0"',
  ])('lets pass what is none: %s', async (text) => {
    await checkout.commit('feat: x', { 'a.ts': `${text}\n` });
    expect(await check()).toMatchObject({ code: 0, stdout: 'No secret in 1 files.\n' });
  });

  it('lets this project pass', async () => {
    expect(await runScript('check-secrets', [])).toMatchObject({ code: 0 });
  });
});

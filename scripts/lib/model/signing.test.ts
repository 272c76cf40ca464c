import { afterEach, describe, expect, it, vi } from 'vitest';
import { SigningKeys } from '../../../common/contract/signature.ts';
import { callScript } from '../../../tests/kit/call-script.ts';
import { readModelFolder } from './model-folder.ts';
import { checkSignature, makeSigningKey, signingKeysOf, signModel } from './signing.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const model = await readModelFolder('model');
const keysOf = (...publicKeys: string[]) => SigningKeys.parse(publicKeys.join(' '));

async function signedBy({ privateKey }: { privateKey: string }) {
  vi.stubEnv('MODEL_SIGNING_KEY', privateKey);
  return signModel(model);
}

describe('a signed version', () => {
  it('is verified by the public half, beside others', async () => {
    const [one, two] = [await makeSigningKey('one'), await makeSigningKey('two')];
    const signed = await signedBy(one);
    await checkSignature(signed, keysOf(two.publicKey, one.publicKey));
    await expect(checkSignature(signed, keysOf(two.publicKey))).rejects.toThrow(
      `technova-attrition ${model.contract.version} may not serve: it is signed by the key "one", and not by "two". Nothing was changed.`,
    );
    await expect(checkSignature(model, keysOf(two.publicKey))).rejects.toThrow('it has no signature.json');
    await checkSignature(model, []);
  });

  it('is so for its contract, name and number alone', async () => {
    const key = await makeSigningKey('one');
    const keys = keysOf(key.publicKey);
    const signed = await signedBy(key);
    const wrong = 'its signature is not that of the key "one"';
    const renumbered = { ...signed, contract: { ...signed.contract, version: '9.0.0' } };
    await expect(checkSignature(renumbered, keys)).rejects.toThrow(wrong);
    const contract = Buffer.from(signed.files['contract.json']);
    contract[1000] = (contract[1000] ?? 0) ^ 1;
    await expect(
      checkSignature({ ...signed, files: { ...signed.files, 'contract.json': contract } }, keys),
    ).rejects.toThrow(wrong);
    await expect(checkSignature(signed, keysOf((await makeSigningKey('one')).publicKey))).rejects.toThrow(wrong);
  });
});

describe('the settings', () => {
  it.each(['nonsense', 'one:nonsense', ':', `one:${'A'.repeat(64)}`])('name no private key: %s', async (privateKey) => {
    await expect(signedBy({ privateKey })).rejects.toThrow('MODEL_SIGNING_KEY is not a private key');
  });

  it('of a deployed environment are those of wrangler.toml, and those of this machine are not', async () => {
    expect(await signingKeysOf('prod', { remote: true })).toEqual([]);
    vi.stubEnv('MODEL_SIGNING_KEYS', 'nonsense');
    await expect(signingKeysOf('prod', { remote: true })).rejects.toThrow(
      'MODEL_SIGNING_KEYS of prod must be public keys',
    );
  });
});

describe('make-signing-key', () => {
  it('prints a pair that fits, the private half on stdout alone', async () => {
    const { code, stdout, stderr } = await callScript('make-signing-key', ['--id', 'release-2026', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const { publicKey, privateKey } = JSON.parse(stdout);
    await checkSignature(await signedBy({ privateKey }), keysOf(publicKey));
    const { stdout: text } = await callScript('make-signing-key', ['--id', 'release-2026']);
    expect(text).toMatch(/MODEL_SIGNING_KEYS = "release-2026:[A-Za-z0-9+/]{43}="/);
  });

  it('refuses a name that no setting can hold', async () => {
    expect(await callScript('make-signing-key', ['--id', 'a b'])).toMatchObject({ code: 2 });
  });
});

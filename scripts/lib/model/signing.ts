import {
  SIGNATURE_FILE,
  type Signature,
  type SigningKey,
  SigningKeys,
  signatureDefect,
  signedMessage,
  type VerifyEd25519,
} from '../../../common/contract/signature.ts';
import { step, UserError } from '../cli.ts';
import { readDevVar } from '../dev-vars.ts';
import { readEnvironmentConfig } from '../wrangler-config.ts';
import type { ModelFolder } from './model-folder.ts';
import type { Environment } from './open-store.ts';

const { subtle } = globalThis.crypto;

/** The setting that names the keys by which an environment knows its publishers. */
export const KEYS_VARIABLE = 'MODEL_SIGNING_KEYS';
/** Where publish-model gets the private key from, as ID:PRIVATE. */
export const KEY_VARIABLE = 'MODEL_SIGNING_KEY';

/** How many bytes of a private key in PKCS #8 come before its 32 bytes: https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const PKCS8_BYTES = 48;

/** Makes a key pair: the public half as MODEL_SIGNING_KEYS names it, the private one as MODEL_SIGNING_KEY does. */
export async function makeSigningKey(id: string): Promise<{ publicKey: string; privateKey: string }> {
  const pair = await subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  if (!('publicKey' in pair)) throw new Error('a key was made, and no pair');
  const [raw, pkcs8] = [
    await subtle.exportKey('raw', pair.publicKey),
    await subtle.exportKey('pkcs8', pair.privateKey),
  ];
  return {
    publicKey: `${id}:${Buffer.from(raw).toString('base64')}`,
    privateKey: `${id}:${Buffer.from(pkcs8).toString('base64')}`,
  };
}

/** Signs a version with the key in MODEL_SIGNING_KEY; leaves it as it is where that is not set. */
export async function signModel(model: ModelFolder): Promise<ModelFolder> {
  const text = process.env[KEY_VARIABLE]?.trim();
  if (!text) return model;
  const [keyId = '', pkcs8 = ''] = text.split(':');
  const bytes = Buffer.from(pkcs8, 'base64');
  const key = await subtle.importKey('pkcs8', bytes, 'Ed25519', false, ['sign']).catch(() => null);
  if (!key || bytes.length !== PKCS8_BYTES)
    throw new UserError(`${KEY_VARIABLE} is not a private key as npm run make-signing-key prints it: ID:PRIVATE.`);
  const signed = await subtle.sign('Ed25519', key, signedMessage(model.contract, model.files['contract.json']));
  const signature: Signature = {
    algorithm: 'Ed25519',
    keyId,
    signature: Buffer.from(signed).toString('base64'),
  };
  return { ...model, signature: Buffer.from(`${JSON.stringify(signature, null, 2)}\n`) };
}

/** The keys that versions of an environment must be signed with, from MODEL_SIGNING_KEYS. Where it names none, none is asked for. */
export async function signingKeysOf(
  environment: Environment,
  { remote }: { remote: boolean },
): Promise<readonly SigningKey[]> {
  const text = process.env[KEYS_VARIABLE] ?? (await (remote ? readVariable(environment) : readDevVar(KEYS_VARIABLE)));
  const keys = SigningKeys.safeParse(text ?? '');
  if (keys.success) return keys.data;
  throw new UserError(
    `${KEYS_VARIABLE} of ${environment} must be public keys as npm run make-signing-key prints them, ID:PUBLIC, between blanks.`,
  );
}

/** The variable of the deployed Worker. */
function readVariable(environment: Environment): string | undefined {
  const value = readEnvironmentConfig(environment).vars[KEYS_VARIABLE];
  return typeof value === 'string' ? value : undefined;
}

/** Verifies the signature of a version, and says so. Throws with what to do next where no key of the environment made it. */
export async function checkSignature(model: ModelFolder, keys: readonly SigningKey[]): Promise<void> {
  const { name, version } = model.contract;
  if (keys.length === 0) {
    console.error(`• the signature of ${name} ${version} is not asked for: ${KEYS_VARIABLE} names no key`);
    return;
  }
  await step('verifying its signature', async () => {
    const files = {
      contract: model.files['contract.json'],
      signatureJson: model.signature && Buffer.from(model.signature).toString('utf8'),
    };
    const defect = await signatureDefect(model.contract, files, keys, verifyEd25519);
    if (defect === null) return;
    throw new UserError(
      `${name} ${version} may not serve: ${defect}. Nothing was changed. Publish it under a new version number with ${KEY_VARIABLE} set (npm run publish-model) or, if that key is to be trusted, name it in ${KEYS_VARIABLE}. Do not serve it if you do not know where its ${SIGNATURE_FILE} comes from.`,
    );
  });
}

const verifyEd25519: VerifyEd25519 = async (publicKey, signature, message) => {
  const key = await subtle.importKey('raw', Buffer.from(publicKey, 'base64'), 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, Buffer.from(signature, 'base64'), message);
};

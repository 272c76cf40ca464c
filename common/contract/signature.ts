import * as z from 'zod';
import { concat } from '../bytes.ts';
import type { VersionId } from './active-pointer.ts';

/** The file of a version that says who published it, on the Hub and in R2. A version may lack it. */
export const SIGNATURE_FILE = 'signature.json' as const;

const KeyId = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'must be up to 40 of a-z, 0-9 and "-"');

/** An Ed25519 signature (RFC 8032) of `signedMessage`, 64 bytes in base64. */
export const Signature = z.strictObject({
  algorithm: z.literal('Ed25519'),
  keyId: KeyId,
  signature: z.base64().length(88),
});
export type Signature = z.infer<typeof Signature>;

/** A key that versions are signed with: its name, and its public half, 32 bytes in base64. */
export const SigningKey = z.object({ id: KeyId, publicKey: z.base64().length(44) });
export type SigningKey = z.infer<typeof SigningKey>;

/** The setting MODEL_SIGNING_KEYS: keys as ID:PUBLIC, between blanks or commas. */
export const SigningKeys = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''))
  .transform((items) =>
    items.map((item) => {
      const [id, publicKey, ...rest] = item.split(':');
      return rest.length > 0 ? null : { id, publicKey };
    }),
  )
  .pipe(z.array(SigningKey))
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'names two keys alike');

/**
 * The bytes that are signed. The contract holds the sha256 of the graph, so both are sealed. The prefix keeps a signature from
 * being used for another purpose, or for another version.
 */
export function signedMessage({ name, version }: VersionId, contract: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([ascii(`futurisys-edge model version, signature 1\n${name}\n${version}\n`), contract]);
}

/** Names and numbers of versions have no other characters. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether `signature` is that of `message` by `publicKey`. Both are in base64. */
export type VerifyEd25519 = (
  publicKey: string,
  signature: string,
  message: Uint8Array<ArrayBuffer>,
) => Promise<boolean>;

/** A version's files, as far as its signature is about them. */
export type SignedFiles = { contract: Uint8Array; signatureJson: string | null };

/** What is wrong with the signature of a version; null where one of the keys made it. */
export async function signatureDefect(
  version: VersionId,
  { contract, signatureJson }: SignedFiles,
  keys: readonly SigningKey[],
  verify: VerifyEd25519,
): Promise<string | null> {
  if (signatureJson === null) return `it has no ${SIGNATURE_FILE}`;
  const parsed = Signature.safeParse(parseJson(signatureJson));
  if (!parsed.success) return `its ${SIGNATURE_FILE} is malformed`;
  const { keyId, signature } = parsed.data;
  const key = keys.find(({ id }) => id === keyId);
  if (!key) return `it is signed by the key "${keyId}", and not by ${keys.map(({ id }) => `"${id}"`).join(' or ')}`;
  const isRight = await verify(key.publicKey, signature, signedMessage(version, contract));
  return isRight ? null : `its signature is not that of the key "${keyId}"`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { VerifyEd25519 } from '../common/contract/signature.ts';

/** Ed25519 of WebCrypto, which workerd has: https://developers.cloudflare.com/workers/runtime-apis/web-crypto/ */
export const verifyEd25519: VerifyEd25519 = async (publicKey, signature, message) => {
  const key = await crypto.subtle.importKey('raw', fromBase64(publicKey), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', key, fromBase64(signature), message);
};

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

import { modelKey } from '../../common/contract/model-version.ts';
import { SIGNATURE_FILE, type Signature, type SigningKey, signedMessage } from '../../common/contract/signature.ts';
import { bucket, type ModelFiles } from './models.ts';

/** Signs versions in R2, with a key pair of its own. */
export class TestSigner {
  readonly #id: string;
  readonly #pair: Promise<CryptoKeyPair>;

  constructor(id: string) {
    this.#id = id;
    this.#pair = makePair();
  }

  async publicKey(): Promise<SigningKey> {
    const raw = await crypto.subtle.exportKey('raw', (await this.#pair).publicKey);
    if (!(raw instanceof ArrayBuffer)) throw new Error('the key is not raw');
    return { id: this.#id, publicKey: toBase64(raw) };
  }

  /** Stores the signature of a version that is, or will be, stored. */
  async sign({ contract, contractJson }: ModelFiles): Promise<void> {
    const message = signedMessage(contract, new TextEncoder().encode(contractJson));
    const signature: Signature = {
      algorithm: 'Ed25519',
      keyId: this.#id,
      signature: toBase64(await crypto.subtle.sign('Ed25519', (await this.#pair).privateKey, message)),
    };
    await bucket.put(modelKey(contract.name, contract.version, SIGNATURE_FILE), JSON.stringify(signature));
  }
}

async function makePair(): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  if (!('publicKey' in pair)) throw new Error('there is no pair');
  return pair;
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

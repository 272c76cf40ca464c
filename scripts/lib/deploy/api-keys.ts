import { createHash, randomBytes } from 'node:crypto';
import { type ApiKey, ApiKeys, formatKey, SECRET_BYTES } from '../../../common/api/api-key.ts';
import { UserError } from '../cli.ts';

/** Cloudflare takes secrets of up to 5 KB (https://developers.cloudflare.com/workers/platform/limits/). */
export const MAX_VALUE_BYTES = 5000;

/** Makes a key, and what the Worker is to know of it. The key itself is stored nowhere. */
export function createKey(entry: Omit<ApiKey, 'sha256'>): { key: string; apiKey: ApiKey } {
  const { id, scopes, expiresAt } = entry;
  const key = formatKey(id, randomBytes(SECRET_BYTES).toString('base64url'));
  return { key, apiKey: { id, sha256: digestOf(key), scopes, expiresAt } };
}

/** What stands for a key in API_KEYS: the sha256 of all of it, in hexadecimal. */
export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Reads a value of API_KEYS; `origin` says, in an error, where it is from. The error shows none of it. */
export function parseApiKeys(value: string, origin: string): ApiKey[] {
  const keys = ApiKeys.safeParse(parseJson(value));
  if (keys.success) return keys.data;
  const [issue] = keys.error.issues;
  const place = issue?.path.join('.');
  throw new UserError(
    `API_KEYS ${origin} is not what npm run create-key makes${place ? ` (at ${place})` : ''}: ${issue?.message}.`,
  );
}

/** The value of API_KEYS. Refuses one that Cloudflare would not take. */
export function formatApiKeys(keys: readonly ApiKey[]): string {
  const value = JSON.stringify(keys);
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_VALUE_BYTES) {
    const fitting = Math.floor((MAX_VALUE_BYTES * keys.length) / bytes);
    throw new UserError(
      `${keys.length} keys are ${bytes} bytes, and a secret at Cloudflare has at most ${MAX_VALUE_BYTES}: about ${fitting} such keys. Revoke those that are not used any more (--list shows them, --revoke ID removes one).`,
    );
  }
  return value;
}

/** Undefined where the text is not JSON: the schema then refuses it as a list of keys. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

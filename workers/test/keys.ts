import { type ApiKey, formatKey } from '../../common/api/api-key.ts';
import { Scope } from '../../common/api/scope.ts';
import { sha256Hex } from '../sha256.ts';

/** A made-up key, with what the worker is told of it but for the digest. */
export type TestKey = Omit<ApiKey, 'sha256'> & { key: string };

export function makeKey(id: string, scopes: Scope[], expiresAt: string | null = null): TestKey {
  return { id, scopes, expiresAt, key: formatKey(id, `${id}-`.padEnd(43, 'x')) };
}

/** The keys of the worker under test: one that may do everything, one for each scope, one that expired. */
export const KEYS = {
  all: makeKey('all', [...Scope.options]),
  predict: makeKey('only-predict', ['predict']),
  read: makeKey('only-read', ['read']),
  write: makeKey('only-write', ['write']),
  admin: makeKey('only-admin', ['admin']),
  expired: makeKey('expired', [...Scope.options], '2020-01-01T00:00:00.000Z'),
};

/** The value of the secret API_KEYS for these keys. */
export async function toApiKeys(keys: readonly TestKey[]): Promise<string> {
  const entries = keys.map(async ({ key, ...entry }) => ({ ...entry, sha256: await sha256Hex(key) }));
  return JSON.stringify(await Promise.all(entries));
}

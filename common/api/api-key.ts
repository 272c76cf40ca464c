import * as z from 'zod';
import { Scope } from './scope.ts';

/** How many random bytes the secret part of a key has. */
export const SECRET_BYTES = 32;

/** `fk_`, the key's id, `_`, then the secret part: 32 bytes in base64url. An id has no `_`, so that the parts stay apart. */
const KEY = /^fk_([a-z0-9][a-z0-9-]{0,39})_[A-Za-z0-9_-]{43}$/;

/** An API key as the service knows it: the sha256 of the whole key, and never the key itself. */
export const ApiKey = z.strictObject({
  /** Told apart by it in logs and in the history; not secret. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(Scope).min(1),
  expiresAt: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The value of the secret API_KEYS. */
export const ApiKeys = z
  .array(ApiKey)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'every key needs an id of its own');

/** A key as its holder has it. `secret` is in base64url. */
export function formatKey(id: string, secret: string): string {
  return `fk_${id}_${secret}`;
}

/** The id of a key; null for a text that is not a whole key, because it is cut off or mistyped. */
export function keyIdOf(key: string): string | null {
  return KEY.exec(key)?.[1] ?? null;
}

/** Whether a key may no longer be used. */
export function isExpired({ expiresAt }: Pick<ApiKey, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now.getTime();
}

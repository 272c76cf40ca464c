import type { Context } from 'hono';
import { ProblemError } from '../errors.ts';
import { sha256Hex } from '../sha256.ts';
import type { AppEnv } from './app-env.ts';
import { mediaTypeOf } from './read-body.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The Idempotency-Key of a request, or null. Throws if it is malformed, or if nothing is recorded here. */
export function idempotencyKeyOf(context: Context<AppEnv>): string | null {
  const key = context.req.header('idempotency-key');
  if (key === undefined) return null;
  if (!IDEMPOTENCY_KEY.test(key)) throw new ProblemError('invalid-idempotency-key');
  if (!context.get('services').records) throw new ProblemError('idempotency-unavailable');
  return key;
}

/**
 * Who asks for predictions, and under which Idempotency-Key. `contentSha256` gives the digest of the content, which is the same
 * whenever the same content is sent; it is called for a request with a key alone.
 */
export async function predictionRequestOf(
  context: Context<AppEnv>,
  key: string | null,
  contentSha256: () => Promise<string>,
) {
  const { keyId } = context.get('caller');
  if (key === null) return { keyId, idempotency: null };
  const { method, path, raw } = context.req;
  const fingerprint = await sha256Hex(JSON.stringify([method, path, mediaTypeOf(raw), await contentSha256()]));
  return { keyId, idempotency: { key, fingerprint } };
}

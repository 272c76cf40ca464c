import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { type ApiKey, isExpired, keyIdOf } from '../../common/api/api-key.ts';
import type { Scope } from '../../common/api/scope.ts';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import type { RateLimiter } from '../ports.ts';
import type { Services } from '../services.ts';

const REALM = 'Bearer realm="futurisys"';

/** Stands in for the digest of a key that does not exist. No known key has it. */
const NO_DIGEST = '0'.repeat(64);

/**
 * The caller, according to the headers. `apiKey` is the proven key, expired or not; null without one. `problem` says why the
 * caller is refused; null where the caller sent no key, or a valid one.
 */
type Identity = { apiKey: ApiKey | null; problem: ProblemError | null };

/** A request of more rows counts as a batch. */
const SINGLE_ROWS = 100;
/** So does a request of more bytes: it takes as long to read, whatever it holds. */
const SINGLE_BYTES = 64 * 1024;
/** So many points of an exploration count as one request. */
const POINTS_A_REQUEST = 50;

/**
 * Lets a caller pass who has the scope and does not ask too often. Refused callers are counted, too. With a null scope anybody
 * may pass, with a valid key or without one.
 */
export function allow(scope: Scope | null) {
  return createMiddleware<AppEnv>(async (context, next) => {
    const [services, event] = [context.get('services'), context.get('event')];
    const { apiKey, problem } = await identify(context.req.raw.headers, services);
    event.keyId = apiKey?.id ?? null;
    await countRequest(context, services.requestLimit, problem ? null : event.keyId);
    // Also where anybody may pass: a caller who sends a key wants to be known by it.
    if (problem) throw problem;
    if (scope !== null && !services.publicScopes.includes(scope)) requireScope(apiKey, scope);
    context.set('caller', { keyId: event.keyId });
    await next();
  });
}

/** Lets an authorised caller pass, unless it asks too often for many predictions at once. */
export const limitBatches = createMiddleware<AppEnv>(async (context, next) => {
  await countRequest(context, context.get('services').batchLimit, context.get('caller').keyId);
  await next();
});

/** Counts a look-up against the limit of the caller's address: it may read from R2, and needs no key. */
export const limitLookUps = createMiddleware<AppEnv>(async (context, next) => {
  await countRequest(context, context.get('services').requestLimit, null);
  await next();
});

/**
 * Counts a body as a batch if it has more than 64 KiB, before anything of it is parsed. Throws `too-many-requests`. Resolves to a
 * function that counts a smaller one as a batch if it has more than 100 rows.
 */
export async function countLargeBody(context: Context<AppEnv>, bytes: number) {
  const countBatch = () => countRequest(context, context.get('services').batchLimit, context.get('caller').keyId);
  if (bytes > SINGLE_BYTES) {
    await countBatch();
    return async () => undefined;
  }
  return async (rows: number) => {
    if (rows > SINGLE_ROWS) await countBatch();
  };
}

/** Counts an exploration once for every 50 points that it asks for. Throws `too-many-requests`. */
export async function countPoints(context: Context<AppEnv>, points: number): Promise<void> {
  // The request itself was counted for the first ones.
  for (let counted = POINTS_A_REQUEST; counted < points; counted += POINTS_A_REQUEST)
    await countRequest(context, context.get('services').requestLimit, context.get('caller').keyId);
}

/** Counts a request against the limit of the caller's key or, without one, of its address. Throws `too-many-requests`. */
async function countRequest(context: Context<AppEnv>, limiter: RateLimiter, keyId: string | null) {
  const address = context.req.header('cf-connecting-ip') ?? 'unknown';
  const { success } = await limiter.limit({ key: keyId === null ? `ip:${networkOf(address)}` : `key:${keyId}` });
  if (!success) throw new ProblemError('too-many-requests');
}

/** The network of an address: one caller has a whole /64 of IPv6 addresses, which count as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  return [...groups, '0', '0', '0', '0'].slice(0, 4).join(':').toLowerCase();
}

async function identify(headers: Headers, { apiKeys, now }: Pick<Services, 'apiKeys' | 'now'>): Promise<Identity> {
  const authorization = headers.get('authorization');
  const bearer = authorization === null ? null : (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? null);
  if (authorization !== null && bearer === null)
    return refused('The header Authorization must read "Bearer KEY", with an API key.');
  const other = headers.get('x-api-key');
  if (bearer !== null && other !== null && bearer !== other)
    return refused('The headers Authorization and X-API-Key hold different keys: send one of them.');
  const key = bearer ?? other;
  if (key === null) return { apiKey: null, problem: null };

  const id = keyIdOf(key);
  const apiKey = await prove(key, apiKeys.find((it) => it.id === id) ?? null);
  if (id === null) return refused('This is not a whole API key: one is "fk_", its id, "_" and 43 more characters.');
  if (apiKey === null) return refused();
  return { apiKey, problem: isExpired(apiKey, now()) ? unauthorised('expired-key') : null };
}

/**
 * Resolves to the entry if its digest is that of the key, else to null. Takes the same time without an entry, and wherever the
 * digests differ, so that the time of an answer tells neither a part of a key nor whether its id exists.
 */
async function prove(key: string, entry: ApiKey | null): Promise<ApiKey | null> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  const isSame = crypto.subtle.timingSafeEqual(digest, fromHex(entry?.sha256 ?? NO_DIGEST));
  return isSame ? entry : null;
}

function requireScope(apiKey: ApiKey | null, scope: Scope): void {
  if (apiKey === null) throw new ProblemError('missing-key', { headers: { 'www-authenticate': REALM } });
  const { scopes } = apiKey;
  if (scopes.includes(scope)) return;
  throw new ProblemError('insufficient-scope', {
    detail: `This needs an API key with the scope "${scope}". The one that was sent has: ${scopes.join(', ')}.`,
    headers: { 'www-authenticate': `${REALM}, error="insufficient_scope", scope="${scope}"` },
  });
}

function refused(detail?: string): Identity {
  return { apiKey: null, problem: unauthorised('invalid-key', detail) };
}

/** Challenges: https://www.rfc-editor.org/rfc/rfc6750#section-3 */
function unauthorised(code: 'invalid-key' | 'expired-key', detail?: string): ProblemError {
  return new ProblemError(code, {
    ...(detail !== undefined && { detail }),
    headers: { 'www-authenticate': `${REALM}, error="invalid_token"` },
  });
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

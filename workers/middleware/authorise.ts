import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { type ApiKey, isExpired, keyIdOf } from '../../common/api/api-key.ts';
import type { Scope } from '../../common/api/scope.ts';
import { ProblemError } from '../errors.ts';
import type { RateLimiter } from '../ports.ts';
import type { Services } from '../services.ts';
import type { AppEnv } from './services.ts';

const REALM = 'Bearer realm="futurisys"';

/** Stands in for the digest of a key that does not exist; no key is known that has it. */
const NO_DIGEST = '0'.repeat(64);

/**
 * What the headers say of the caller. `apiKey` is the key that was proven, expired or not; null without one. `problem` is why
 * the caller is refused; null where no key was sent, or a valid one.
 */
type Identity = { apiKey: ApiKey | null; problem: ProblemError | null };

/**
 * Lets a caller pass who may do this, and who does not ask too often. Refused callers are counted too. A null scope is for
 * what anybody may do, with a valid key or without one.
 */
export function allow(scope: Scope | null) {
  return createMiddleware<AppEnv>(async (context, next) => {
    const [services, event] = [context.get('services'), context.get('event')];
    const { apiKey, problem } = await identify(context.req.raw.headers, services);
    event.keyId = apiKey?.id ?? null;
    await countRequest(context, services.requestLimit, problem ? null : event.keyId);
    // Even where anybody may do this: who sends a key wants to be known by it.
    if (problem) throw problem;
    if (scope !== null && !services.publicScopes.includes(scope)) requireScope(apiKey, scope);
    context.set('caller', { keyId: event.keyId });
    await next();
  });
}

/**
 * Counts a request against a limit, for the caller's key, or for the address of a caller without one. Throws
 * `too-many-requests` where it is one too many.
 */
export async function countRequest(context: Context<AppEnv>, limiter: RateLimiter, keyId: string | null) {
  const address = context.req.header('cf-connecting-ip') ?? 'unknown';
  const { success } = await limiter.limit({ key: keyId === null ? `ip:${networkOf(address)}` : `key:${keyId}` });
  if (!success) throw new ProblemError('too-many-requests');
}

/** One caller has a whole /64 of IPv6 addresses: it is counted as one. */
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
 * Resolves to the entry if it is that of the key, else to null. Takes as long where there is no entry, and wherever the
 * digests differ: how long an answer takes tells nothing of a key, nor whether its id exists.
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

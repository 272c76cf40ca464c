import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { parseEnv } from './env.ts';
import { causeOf } from './errors.ts';
import { type Bindings, changeEnv, WITHOUT_RECORDING } from './test/isolate.ts';
import { KEYS, toApiKeys } from './test/keys.ts';

const parse = (bindings: Bindings) => parseEnv(changeEnv(bindings));

/** Looks like a public key. */
const PUBLIC = `${'A'.repeat(43)}=`;

/** Addresses that no browser sends as the origin of a page. */
const NO_ORIGINS = [
  'https://hr.example/',
  'https://hr.example/app',
  'HTTPS://HR.example',
  'https://hr.example:443',
  'mailto:a@b.c',
  'null',
];

describe('parseEnv', () => {
  it('reads what wrangler.toml gives the environment dev', () => {
    expect(parse({})).toMatchObject({
      modelRefreshMs: 15_000,
      publicScopes: [],
      corsOrigins: [],
      batch: { maxRows: 100_000, maxBytes: 64 * 1024 * 1024 },
      pageLevel: 'functional',
      recording: { databaseUrl: env.DATABASE_URL, retentionDays: 90 },
    });
  });

  it('without the settings that may be left out, keeps everybody out, and everything for ever', () => {
    const absent = {
      PUBLIC_SCOPES: undefined,
      CORS_ORIGINS: undefined,
      API_KEYS: undefined,
      RETENTION_DAYS: undefined,
      PAGE_LEVEL: undefined,
    };
    const settings = parse({ ...absent, REQUESTS: undefined, BATCH_MAX_ROWS: undefined, BATCH_MAX_BYTES: undefined });
    expect(settings).toMatchObject({
      publicScopes: [],
      corsOrigins: [],
      apiKeys: [],
      analytics: null,
      // The one that shows less.
      pageLevel: 'production',
      recording: { retentionDays: null },
    });
    expect(settings.batch.maxRows).toBeGreaterThan(0);
  });

  it.each([
    ['', []],
    [` a:${PUBLIC} , b-2:${PUBLIC}\n`, ['a', 'b-2']],
  ])('takes %j for signing keys', (MODEL_SIGNING_KEYS, ids) => {
    expect(parse({ MODEL_SIGNING_KEYS }).signingKeys).toEqual(ids.map((id) => ({ id, publicKey: PUBLIC })));
  });

  it.each([
    PUBLIC,
    `a:${PUBLIC}:b`,
    `A:${PUBLIC}`,
    'a:short',
    `a:${PUBLIC} a:${PUBLIC}`,
    `a:${PUBLIC.slice(0, -4)}!!!=`,
  ])('refuses %j for signing keys', (MODEL_SIGNING_KEYS) => {
    expect(() => parse({ MODEL_SIGNING_KEYS })).toThrow(expect.objectContaining({ code: 'misconfigured' }));
  });

  it('records nothing where there is neither queue nor database', () => {
    expect(parse(WITHOUT_RECORDING).recording).toBeNull();
  });

  it.each([
    ['predict', ['predict']],
    [' predict, ', ['predict']],
    ['', []],
  ])('reads the scopes "%s"', (text, scopes) => {
    expect(parse({ PUBLIC_SCOPES: text }).publicScopes).toEqual(scopes);
  });

  it('reads the origins of pages, or any', () => {
    expect(parse({ CORS_ORIGINS: 'https://a.example, http://localhost:5173' }).corsOrigins).toEqual([
      'https://a.example',
      'http://localhost:5173',
    ]);
    expect(parse({ CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*']);
  });

  it('reads the keys', async () => {
    const { key: _, ...entry } = KEYS.read;
    const { apiKeys } = parse({ API_KEYS: await toApiKeys([KEYS.read]) });
    expect(apiKeys).toEqual([{ ...entry, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  it.each<[title: string, bindings: Bindings, said: string]>([
    ['keys that are no JSON', { API_KEYS: 'very-secret' }, 'API_KEYS'],
    ['keys that are no list', { API_KEYS: '{"very-secret":1}' }, 'API_KEYS'],
    ['a key in the place of its digest', { API_KEYS: entries({ sha256: 'very-secret' }) }, 'API_KEYS[0].sha256'],
    ['a scope that is none', { API_KEYS: entries({ scopes: ['very-secret'] }) }, 'API_KEYS[0].scopes[0]'],
    ['an id twice', { API_KEYS: entries({}, {}) }, 'API_KEYS'],
    ['a public scope that is none', { PUBLIC_SCOPES: 'predict root' }, 'PUBLIC_SCOPES'],
    ...['read', 'write', 'admin', 'predict,read'].map((text): [string, Bindings, string] => [
      `the public scopes ${text}`,
      { PUBLIC_SCOPES: text },
      'may hold "predict" alone',
    ]),
    ['an origin that is no address', { CORS_ORIGINS: 'very-secret' }, 'CORS_ORIGINS[0]'],
    ...NO_ORIGINS.map((text): [string, Bindings, string] => [
      `${text} as an origin`,
      { CORS_ORIGINS: `https://a.example ${text}` },
      'must be * or an origin as browsers send it, like https://hr.example\n  → at CORS_ORIGINS[1]',
    ]),
    ['a batch of nothing', { BATCH_MAX_ROWS: 0 }, 'BATCH_MAX_ROWS'],
    ['an unknown level of the page', { PAGE_LEVEL: 'debug' }, 'PAGE_LEVEL'],
    ['a retention of no days', { RETENTION_DAYS: 0 }, 'RETENTION_DAYS'],
    ['a missing limit of requests', { REQUEST_LIMIT: undefined }, 'REQUEST_LIMIT'],
    ['a missing limit of batches', { BATCH_LIMIT: undefined }, 'BATCH_LIMIT'],
    ['a database of another kind', { DATABASE_URL: 'mysql://u:very-secret@h/d' }, 'DATABASE_URL'],
  ])('names what is wrong, and not its value: %s', (_title, bindings, said) => {
    const cause = causeOf(thrownBy(() => parse(bindings)));
    expect(cause).toContain(said);
    expect(cause).not.toContain('very-secret');
  });
});

function entries(...changes: Record<string, unknown>[]): string {
  const entry = { id: 'app', sha256: 'a'.repeat(64), scopes: ['read'], expiresAt: null };
  return JSON.stringify(changes.map((change) => ({ ...entry, ...change })));
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

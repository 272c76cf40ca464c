import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Scope } from '../../common/api/scope.ts';
import { createApp } from '../app.ts';
import { anonymous, get, postJson, readAnswer, readProblem, type Send, send, withKey } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { KEYS, makeKey, toApiKeys } from '../test/keys.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

const UNKNOWN_ID = '01a2088d-f1d4-7155-ad9e-59a6147c005e';

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

const validate = () => postJson('/v1/validate', exampleInput(model));
const sentWith = (request: Request, headers: Record<string, string>) => new Request(request, { headers });
const bearer = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
const apiKey = (key: string) => ({ 'x-api-key': key, 'content-type': 'application/json' });
const challengeOf = (response: Response) => response.headers.get('www-authenticate');

/** What each scope is for. */
const OPERATIONS: [scope: Scope, operation: string, request: () => Request][] = [
  ['predict', 'POST /v1/predict', () => postJson('/v1/predict', exampleInput(model))],
  ['predict', 'POST /v1/predict/batch', () => postJson('/v1/predict/batch', [exampleInput(model)])],
  ['predict', 'POST /v1/predict/batch/json', () => postJson('/v1/predict/batch/json', [exampleInput(model)])],
  ['predict', 'POST /v1/predict/batch/form', form],
  ['predict', 'POST /v1/validate', validate],
  ['predict', 'POST /v1/explore', () => postJson('/v1/explore', { record: exampleInput(model) })],
  ['read', 'GET /v1/predictions', () => get('/v1/predictions?limit=1')],
  ['read', 'GET /v1/predictions/export', () => get('/v1/predictions/export?identifier=987654')],
  ['read', 'GET /v1/predictions/:id', () => get(`/v1/predictions/${UNKNOWN_ID}`)],
  ['write', 'PUT /v1/predictions/:id/outcome', () => put(`/v1/predictions/${UNKNOWN_ID}/outcome`)],
  ['admin', 'DELETE /v1/predictions', () => erase('/v1/predictions?identifier=987654')],
  ['admin', 'DELETE /v1/predictions/:id', () => erase(`/v1/predictions/${UNKNOWN_ID}`)],
];
const PUBLIC = ['GET /v1/model', 'GET /v1/capabilities'];

function form(): Request {
  const body = new FormData();
  for (const { id } of model.contract.groups) body.set(id, new File(['id_employee\n'], `${id}.csv`));
  return new Request('http://localhost/v1/predict/batch/form', { method: 'POST', body });
}

function put(path: string): Request {
  return new Request(`http://localhost${path}`, {
    method: 'PUT',
    body: JSON.stringify({ label: 'stays', observedOn: '2026-01-31' }),
    headers: { 'content-type': 'application/json' },
  });
}

function erase(path: string): Request {
  return new Request(`http://localhost${path}`, { method: 'DELETE' });
}

describe('a scope', () => {
  const cases = Scope.options.flatMap((held) =>
    OPERATIONS.map(([needed, operation, request]) => [held, operation, needed, request] as const),
  );

  it.each(cases)('%s and %s', async (held, _operation, needed, request) => {
    const response = await send(withKey(request(), KEYS[held]));
    if (held === needed) {
      expect([401, 403]).not.toContain(response.status);
      return;
    }
    expect(challengeOf(response)).toBe(`Bearer realm="futurisys", error="insufficient_scope", scope="${needed}"`);
    const { detail } = await readProblem(response, 403, 'insufficient-scope');
    expect(detail).toBe(`This needs an API key with the scope "${needed}". The one that was sent has: ${held}.`);
  });

  it.each(OPERATIONS)('%s is not had without a key: %s', async (_scope, _operation, request) => {
    const response = await send(anonymous(request()));
    expect(challengeOf(response)).toBe('Bearer realm="futurisys"');
    await readProblem(response, 401, 'missing-key');
  });

  it('is asked for by every operation but the public ones', () => {
    const operations = createApp()
      .routes.filter(({ path, method }) => path.startsWith('/v1/') && method !== 'ALL')
      .map(({ path, method }) => `${method} ${path}`);
    const known = [...OPERATIONS.map(([, operation]) => operation), ...PUBLIC];
    expect(Array.from(new Set(operations)).sort()).toEqual(known.sort());
  });
});

describe('a key', () => {
  it.each([
    ['Authorization', bearer(KEYS.predict.key)],
    ['Authorization, its scheme in capitals', { ...bearer(''), authorization: `BEARER ${KEYS.predict.key}` }],
    ['X-API-Key', apiKey(KEYS.predict.key)],
    ['both', { ...bearer(KEYS.predict.key), ...apiKey(KEYS.predict.key) }],
  ])('is taken from %s', async (_title, headers) => {
    expect((await send(sentWith(validate(), headers))).status).toBe(200);
  });

  const { key } = KEYS.all;
  const WHOLE = expect.stringContaining('not a whole API key');
  const SCHEME = 'The header Authorization must read "Bearer KEY", with an API key.';
  const UNKNOWN = expect.stringContaining('not known here');
  it.each([
    ['another secret for a known id', bearer(`${key.slice(0, -1)}y`), UNKNOWN],
    ['an unknown id', bearer(makeKey('nobody', ['predict']).key), UNKNOWN],
    ["the secret of another id's key", bearer(key.replace('fk_all_', 'fk_only-read_')), UNKNOWN],
    ['a key that is cut off', apiKey(key.slice(0, -1)), WHOLE],
    ['an empty one', apiKey(''), WHOLE],
    ['its digest', apiKey(env.API_KEYS?.match(/[0-9a-f]{64}/)?.[0] ?? ''), WHOLE],
    ['an empty Bearer', { authorization: 'Bearer ' }, SCHEME],
    ['another scheme', { authorization: `Basic ${btoa(`user:${key}`)}` }, SCHEME],
    ['another scheme beside a key', { authorization: `Basic ${btoa('a:b')}`, 'x-api-key': key }, SCHEME],
    ['a key without a scheme', { authorization: key }, SCHEME],
    ['two keys that differ', { ...bearer(key), ...apiKey(KEYS.predict.key) }, expect.stringContaining('send one')],
  ])('is refused: %s', async (_title, headers, said) => {
    const response = await send(sentWith(validate(), headers));
    expect(challengeOf(response)).toBe('Bearer realm="futurisys", error="invalid_token"');
    const { detail } = await readProblem(response, 401, 'invalid-key');
    expect(detail).toEqual(said);
    expect(detail).not.toContain(key.slice(-40));
  });

  it('is refused once it has expired, and only who has it is told so', async () => {
    const response = await send(withKey(validate(), KEYS.expired));
    expect(challengeOf(response)).toBe('Bearer realm="futurisys", error="invalid_token"');
    await readProblem(response, 401, 'expired-key');
    const guessed = { ...KEYS.expired, key: `${KEYS.expired.key.slice(0, -1)}y` };
    await readProblem(await send(withKey(validate(), guessed)), 401, 'invalid-key');
  });

  it('is not read from the query', async () => {
    await readProblem(await send(anonymous(get(`/v1/predictions?api_key=${key}`))), 401, 'missing-key');
  });

  it('is rotated by adding another one, then revoking the first', async () => {
    const [old, next] = [makeKey('app-2026', ['predict']), makeKey('app-2027', ['predict'])];
    const both = newIsolate({ API_KEYS: await toApiKeys([old, next]) });
    expect((await both(withKey(validate(), old))).status).toBe(200);
    expect((await both(withKey(validate(), next))).status).toBe(200);
    const revoked = newIsolate({ API_KEYS: await toApiKeys([next]) });
    await readProblem(await revoked(withKey(validate(), old)), 401, 'invalid-key');
    expect((await revoked(withKey(validate(), next))).status).toBe(200);
  });

  it('opens nothing where no keys are set', async () => {
    const isolate = newIsolate({ API_KEYS: undefined });
    await readProblem(await isolate(validate()), 401, 'invalid-key');
    await readProblem(await isolate(anonymous(validate())), 401, 'missing-key');
  });

  it('is recorded by its id, with what was predicted under it', async () => {
    const request = postJson('/v1/predict', exampleInput(model));
    const { id } = await readAnswer(await send(withKey(request, KEYS.predict)));
    await vi.waitFor(
      async () => {
        const response = await send(get(`/v1/predictions/${id}`));
        expect([response.status, await response.json()]).toMatchObject([200, { keyId: KEYS.predict.id }]);
      },
      { timeout: 5000, interval: 100 },
    );
  });
});

describe('where anybody may predict', () => {
  const isolate = newIsolate({ PUBLIC_SCOPES: 'predict' });

  it.each([
    ['a caller without a key', () => anonymous(validate())],
    ['a key without the scope', () => withKey(validate(), KEYS.read)],
    ['a key with it', () => withKey(validate(), KEYS.predict)],
  ])('%s does', async (_title, request) => {
    expect((await isolate(request())).status).toBe(200);
  });

  it.each([
    ['an unknown key', makeKey('nobody', ['predict']), 'invalid-key'],
    ['an expired key', KEYS.expired, 'expired-key'],
  ])('%s is refused all the same', async (_title, key, code) => {
    await readProblem(await isolate(withKey(validate(), key)), 401, code);
  });

  it('only that is public', async () => {
    await readProblem(await isolate(anonymous(get('/v1/predictions'))), 401, 'missing-key');
  });
});

describe('who asks too often', () => {
  /** A real limit, of two requests a minute. */
  const isolate = newIsolate({ REQUEST_LIMIT: env.TWO_A_MINUTE });
  const from = (address: string, request: Request) => {
    const headers = new Headers(request.headers);
    headers.set('cf-connecting-ip', address);
    return new Request(request, { headers });
  };

  /** The first status that differs from `status`, of a few more requests than the limit: it may begin anew in between. */
  async function exhaust(request: (i: number) => Request, status: number): Promise<Response> {
    for (let i = 0; i < 6; i++) {
      const response = await isolate(request(i));
      if (response.status !== status) return response;
    }
    throw new Error(`every request was answered ${status}`);
  }

  it('is told to wait, by key, wherever it asks from; other keys are not', async () => {
    const response = await exhaust((i) => from(`192.0.2.${i}`, withKey(validate(), KEYS.predict)), 200);
    expect(response.headers.get('retry-after')).toBe('60');
    await readProblem(response, 429, 'too-many-requests');
    expect((await isolate(from('192.0.2.1', withKey(validate(), KEYS.all)))).status).toBe(200);
  });

  it('is counted by the network that one caller has, in IPv6', async () => {
    const sent = (address: string) => anonymous(from(address, sentWith(validate(), apiKey('x'))));
    const response = await exhaust((i) => sent(`2001:DB8:1:2:${i}::1`), 401);
    await readProblem(response, 429, 'too-many-requests');
    expect((await isolate(sent('2001:db8:1:2::7'))).status).toBe(429);
    expect((await isolate(sent('2001:db8:1:3::7'))).status).toBe(401);
  });

  it.each<[title: string, address: string, request: (i: number) => Request]>([
    ['without a key', '192.0.2.101', () => anonymous(validate())],
    ['with keys that are made up', '192.0.2.102', (i) => withKey(validate(), makeKey(`guess-${i}`, ['predict']))],
    ['with an expired key', '192.0.2.103', () => withKey(validate(), KEYS.expired)],
    ['with what is no key', '192.0.2.104', () => sentWith(validate(), apiKey('x'))],
  ])('is told to wait, by address: %s', async (_title, address, request) => {
    // A new request loses the mark of an anonymous one: it has no key to begin with.
    const sent = (i: number, where: string) => anonymous(from(where, request(i)));
    await readProblem(await exhaust((i) => sent(i, address), 401), 429, 'too-many-requests');
    expect((await isolate(sent(9, `${address}0`))).status).toBe(401);
  });
});

describe('the log', () => {
  it.each<[title: string, secret: string, request: (key: string) => Request, keyId: string | null]>([
    ['a valid key', KEYS.all.key, (key) => sentWith(validate(), bearer(key)), 'all'],
    ['a key without the scope', KEYS.read.key, (key) => sentWith(validate(), bearer(key)), 'only-read'],
    ['an expired key', KEYS.expired.key, (key) => sentWith(validate(), bearer(key)), 'expired'],
    ['an unknown key', makeKey('nobody', ['read']).key, (key) => sentWith(validate(), apiKey(key)), null],
    ['a key that is cut off', KEYS.all.key.slice(0, -1), (key) => sentWith(validate(), apiKey(key)), null],
    [
      'a key under another scheme',
      KEYS.all.key,
      (key) => sentWith(validate(), { authorization: `Token ${key}` }),
      null,
    ],
    ['a key without a scheme', KEYS.all.key, (key) => sentWith(validate(), { authorization: key }), null],
    ['a key in the query', KEYS.all.key, (key) => anonymous(get(`/v1/predictions?api_key=${key}`)), null],
    ['a key in the query of nothing', KEYS.all.key, (key) => anonymous(get(`/v1/nothing?key=${key}`)), null],
  ])('has the id of the key alone: %s', async (_title, key, request, keyId) => {
    const written = await logOf(newIsolate(), request(key));
    expect(written).toContain(`"keyId":${JSON.stringify(keyId)}`);
    expect(written).not.toContain(key.slice(-43));
  });

  async function logOf(isolate: Send, request: Request): Promise<string> {
    const spies = (['debug', 'log', 'info', 'warn', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => undefined),
    );
    const response = await isolate(request);
    return [...spies.flatMap((spy) => spy.mock.calls.flat()), await response.text()].join('\n');
  }
});

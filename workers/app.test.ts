import { describe, expect, it, vi } from 'vitest';
import { get, readProblem, send } from './test/api.ts';
import { newIsolate } from './test/isolate.ts';

describe('the app', () => {
  it('answers an unknown address with a problem that names it', async () => {
    const { detail } = await readProblem(await send(get('/v1/nothing')), 404, 'not-found');
    expect(detail).toContain('GET /v1/nothing');
  });

  it.each([
    ['GET', '/v1/predict', 'POST'],
    ['DELETE', '/v1/model', 'GET, HEAD'],
    ['PATCH', '/v1/predictions/1', 'DELETE, GET, HEAD'],
    ['GET', '/v1/predict/batch', 'POST'],
    ['POST', '/health/live', 'GET, HEAD'],
  ])('answers 405 to %s %s, and says what it takes', async (method, path, allowed) => {
    const response = await send(new Request(`http://localhost${path}`, { method }));
    expect(response.headers.get('allow')).toBe(allowed);
    await readProblem(response, 405, 'method-not-allowed');
    // HEAD is answered as GET is, wherever it is named: not with 405.
    const head = await send(new Request(`http://localhost${path}`, { method: 'HEAD' }));
    expect(head.status === 405).toBe(!allowed.includes('HEAD'));
  });

  it('is live, and knows what it does not have, even when it is misconfigured', async () => {
    const isolate = newIsolate({ DATABASE_URL: 'xyz' });
    expect((await isolate(get('/health/live'))).status).toBe(200);
    await readProblem(await isolate(get('/nothing')), 404, 'not-found');
  });

  it.each([
    ['a missing queue', { PREDICTIONS: undefined }, 'Recording lacks the queue PREDICTIONS'],
    ['a missing database', { DATABASE_URL: undefined }, 'Recording lacks the secret DATABASE_URL'],
    [
      'a database alone',
      { PREDICTIONS: undefined, DEAD_LETTERS: undefined },
      'lacks the queue PREDICTIONS and the bucket DEAD_LETTERS',
    ],
    ['a database URL of another kind', { DATABASE_URL: 'mysql://u:secret-word@h/d' }, 'DATABASE_URL'],
    ['a missing bucket', { MODELS: undefined }, 'MODELS'],
    ['a missing rate limit', { REQUEST_LIMIT: undefined }, 'REQUEST_LIMIT'],
    ['another missing rate limit', { BATCH_LIMIT: undefined }, 'BATCH_LIMIT'],
    ['a scope that does not exist', { PUBLIC_SCOPES: 'predict everything' }, 'PUBLIC_SCOPES'],
    ['an origin that is none', { CORS_ORIGINS: 'hr.example' }, 'CORS_ORIGINS'],
    ['keys that are no JSON', { API_KEYS: 'secret-word' }, 'API_KEYS'],
    ['missing version metadata', { WORKER_VERSION: undefined }, 'WORKER_VERSION'],
    ['a refresh interval of text', { MODEL_REFRESH_SECONDS: 'often' }, 'MODEL_REFRESH_SECONDS'],
  ])('says in its log which setting is wrong: %s', async (_title, bindings, said) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await readProblem(await newIsolate(bindings)(get('/v1/model')), 503, 'misconfigured');
    const log = error.mock.calls.flat().join();
    expect(log).toContain(said);
    expect(log).not.toContain('secret-word');
  });
});

import { describe, expect, it } from 'vitest';
import { Capabilities } from '../../common/api/answers.ts';
import { anonymous, get, readProblem, withKey } from '../test/api.ts';
import { type Bindings, newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { KEYS, makeKey } from '../test/keys.ts';

const address = '/v1/capabilities';

async function ask(bindings: Bindings = {}, request = anonymous(get(address))): Promise<Capabilities> {
  const response = await newIsolate(bindings)(request);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.status).toBe(200);
  return Capabilities.parse(await response.json());
}

describe('GET /v1/capabilities', () => {
  it('tells anybody what there is', async () => {
    const limits = { BATCH_MAX_ROWS: 12, BATCH_MAX_BYTES: 3456, PUBLIC_SCOPES: 'predict' };
    expect(await ask({ ...limits, PAGE_LEVEL: 'functional' })).toEqual({
      level: 'functional',
      history: true,
      batch: { maxRows: 12, maxBytes: 3456 },
      publicScopes: ['predict'],
      scopes: [],
    });
  });

  it.each([
    ['production', { PAGE_LEVEL: 'production' }],
    ['production', { PAGE_LEVEL: undefined }],
    ['simple', { PAGE_LEVEL: 'simple' }],
    ['simple', { PAGE_LEVEL: 'functional', ...WITHOUT_RECORDING }],
  ])('answers the level %s under %o', async (level, bindings) => {
    expect(await ask(bindings)).toMatchObject({ level, history: !('DATABASE_URL' in bindings) });
  });

  it('tells who has a key what it may do', async () => {
    expect(await ask({}, withKey(get(address), KEYS.read))).toMatchObject({ publicScopes: [], scopes: ['read'] });
    expect(await ask({}, withKey(get(address), KEYS.all))).toMatchObject({ scopes: KEYS.all.scopes });
  });

  it('does not take a key that is unknown or expired', async () => {
    const isolate = newIsolate();
    const unknown = withKey(get(address), makeKey('nobody', ['predict']));
    await readProblem(await isolate(unknown), 401, 'invalid-key');
    await readProblem(await isolate(withKey(get(address), KEYS.expired)), 401, 'expired-key');
  });

  it('counts who asks', async () => {
    const isolate = newIsolate({ REQUEST_LIMIT: { limit: async () => ({ success: false }) } });
    await readProblem(await isolate(anonymous(get(address))), 429, 'too-many-requests');
  });
});

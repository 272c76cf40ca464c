import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sha256Hex } from '../sha256.ts';
import { get, type Send, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, bucket, type ModelFiles, readModel, renumber } from '../test/models.ts';
import { TestSigner } from '../test/signer.ts';

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

describe('health', () => {
  it('is live without a model or a database', async () => {
    const isolate = newIsolate({ MODELS: { get: () => Promise.reject(new Error('R2 is down')) } });
    const response = await isolate(get('/health/live'));
    expect([response.status, await response.json()]).toEqual([200, { status: 'live' }]);
  });

  it('is ready with a model and a database, and says which model', async () => {
    const response = await send(get('/health/ready'));
    const { name, version, graph } = model.contract;
    expect(await response.json()).toEqual({
      status: 'ready',
      worker: { id: expect.any(String), tag: expect.any(String) },
      checks: {
        model: {
          status: 'ok',
          name,
          version,
          sha256: graph.sha256,
          contractSha256: await sha256Hex(model.contractJson),
        },
        database: { status: 'ok' },
        backlog: {
          status: 'ok',
          queued: expect.any(Number),
          waiting: expect.any(Number),
          oldest: expect.toBeOneOf([null, expect.any(String)]),
          unreplayable: expect.any(Number),
        },
      },
    });
    expect(response.status).toBe(200);
  });

  it('tells which version answers, and not where that version has its own address', async () => {
    const id = '0a1b2c3d-1111-4222-8333-444455556666';
    const isolate = newIsolate({ WORKER_VERSION: { id, tag: '', timestamp: '' } });
    expect(await (await isolate(get('/health/ready'))).json()).toMatchObject({ worker: { id: '444455556666' } });
    expect(await (await isolate(get('/v2'))).json()).toMatchObject({ version: '444455556666' });
  });

  it('is ready without a database where nothing is recorded', async () => {
    const response = await newIsolate(WITHOUT_RECORDING)(get('/health/ready'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      checks: { database: { status: 'absent' }, backlog: { status: 'absent' } },
    });
  });
});

describe('a database that is down', () => {
  it('is asked once for all who want to know, and not again at once', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' });
    const fetched = vi.spyOn(globalThis, 'fetch');
    const asked = async () => {
      const response = await isolate(get('/health/ready'));
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ status: 'not-ready', checks: { database: { status: 'failed' } } });
    };
    await Promise.all(Array.from({ length: 5 }, asked));
    await asked();
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

describe('the backlog', () => {
  const keys = ['dead-letters/2026/01/30/a.json', 'dead-letters/2026/01/31/b.json', 'unreplayable/2026/01/02/c.json'];

  it('is what waits in the queue and as letters, and is not counted at every request', async () => {
    const list = vi.fn(async ({ prefix = '' }: R2ListOptions) => ({
      objects: keys.filter((key) => key.startsWith(prefix)).map((key) => ({ key })),
      truncated: false,
    }));
    const metrics = async () => ({ backlogCount: 5 });
    const isolate = newIsolate({ PREDICTIONS: { metrics }, DEAD_LETTERS: { list } });
    for (let i = 0; i < 2; i++) {
      expect(await (await isolate(get('/health/ready'))).json()).toMatchObject({
        status: 'ready',
        checks: { backlog: { status: 'ok', queued: 5, waiting: 2, oldest: '2026-01-30', unreplayable: 1 } },
      });
    }
    expect(list).toHaveBeenCalledTimes(2);
  });

  it('that cannot be counted keeps nobody from predicting', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const list = vi.fn(() => Promise.reject(new Error('R2 is down')));
    const isolate = newIsolate({ DEAD_LETTERS: { list } });
    await isolate(get('/health/ready'));
    const response = await isolate(get('/health/ready'));
    // Once for each kind of letter: nor is what fails asked again at once.
    expect(list).toHaveBeenCalledTimes(2);
    expect(await response.json()).toMatchObject({ status: 'ready', checks: { backlog: { status: 'failed' } } });
    expect(error.mock.calls.flat().join()).toContain('R2 is down');
  });
});

describe('a version that cannot be loaded', () => {
  it('leaves the old one serving, and readiness says so', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ MODEL_REFRESH_SECONDS: 1 });
    expect((await isolate(get('/health/ready'))).status).toBe(200);
    await activate(renumber(model, '1.0.9'));
    await bucket.delete('models/technova-attrition/1.0.9/model.onnx');
    try {
      await vi.waitFor(
        async () => {
          const response = await isolate(get('/health/ready'));
          expect(await response.json()).toMatchObject({
            status: 'ready',
            checks: { model: { status: 'ok', version: '1.0.2', updateFailedAt: expect.stringMatching(/^2/) } },
          });
          expect(response.status).toBe(200);
        },
        { timeout: 5000, interval: 200 },
      );
    } finally {
      await activate(model);
    }
  });

  it('for want of a signature is said to be so', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const signer = new TestSigner('release');
    const { id, publicKey } = await signer.publicKey();
    const MODEL_SIGNING_KEYS = `${id}:${publicKey}`;
    await signer.sign(model);
    const isolate = newIsolate({ MODEL_REFRESH_SECONDS: 1, MODEL_SIGNING_KEYS });
    expect((await isolate(get('/health/ready'))).status).toBe(200);
    await activate(renumber(model, '1.0.10'));
    const modelCheck = async (to: Send) => {
      const body: unknown = await (await to(get('/health/ready'))).json();
      return body;
    };
    try {
      await vi.waitFor(
        async () =>
          expect(await modelCheck(isolate)).toMatchObject({
            status: 'ready',
            checks: {
              model: { version: '1.0.2', detail: expect.stringContaining('not signed by a key of MODEL_SIGNING_KEYS') },
            },
          }),
        { timeout: 5000, interval: 200 },
      );
      expect(await modelCheck(newIsolate({ MODEL_SIGNING_KEYS }))).toMatchObject({
        status: 'not-ready',
        checks: { model: { status: 'failed', detail: expect.stringContaining('A signed version must be activated') } },
      });
    } finally {
      await activate(model);
    }
  });

  it('is not asked for a signature where no key is named, and the log says so once', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const isolate = newIsolate();
    for (let i = 0; i < 3; i++) expect((await isolate(get('/health/ready'))).status).toBe(200);
    const said = info.mock.calls.filter(([line]) => String(line).includes('model signatures not checked'));
    expect(said).toHaveLength(1);
  });
});

describe('GET /v1/model', () => {
  it('returns the contract as it was published, byte for byte', async () => {
    const response = await send(get('/v1/model'));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(model.contractJson);
  });

  it('is not sent again to whoever has it', async () => {
    const first = await send(get('/v1/model'));
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toBe(`"${(await sha256Hex(model.contractJson)).slice(0, 32)}"`);
    expect([first.headers.get('cache-control'), await first.text()]).toEqual(['no-cache', model.contractJson]);
    for (const sent of [etag, `W/${etag}`]) {
      const again = await send(new Request(get('/v1/model'), { headers: { 'if-none-match': sent } }));
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    const other = await send(new Request(get('/v1/model'), { headers: { 'if-none-match': '"other"' } }));
    expect([other.status, await other.text()]).toEqual([200, model.contractJson]);
  });
});

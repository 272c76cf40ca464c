import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { Live, Ready } from '../../common/api/openapi-schemas.ts';
import { createApp } from '../app.ts';
import { anonymous, get, readProblem, type Send, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, type ModelFiles, readModel, TINY_MODEL } from '../test/models.ts';

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

const Document = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ security: z.array(z.unknown()) }))),
  components: z.looseObject({
    schemas: z.looseObject({ Record: z.looseObject({ required: z.array(z.string()) }) }),
  }),
});

async function read(from: Send = send) {
  const response = await from(anonymous(get('/openapi.json')));
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  return Document.parse(await response.json());
}

/** Addresses of protocols that have specifications of their own: the Open Inference Protocol, and MLflow's scoring. */
const PROTOCOLS = /^(\/v2(\/.*)?|\/invocations|\/ping|\/health|\/version)$/;

describe('GET /openapi.json', () => {
  it('describes every operation that there is, and no other', async () => {
    const { openapi, paths } = await read();
    expect(openapi).toMatch(/^3\.1\./);
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = createApp()
      .routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*') && !PROTOCOLS.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual(Array.from(new Set(served)).sort());
  });

  it('follows the version that serves', async () => {
    expect((await read()).components.schemas.Record.required).toEqual(model.contract.features.map(({ name }) => name));
    const tiny = await readModel(TINY_MODEL);
    await activate(tiny);
    try {
      const { info, components } = await read(newIsolate());
      expect([info.version, components.schemas.Record.required]).toEqual([
        tiny.contract.version,
        ['hours', 'seniority', 'site'],
      ]);
    } finally {
      await activate(model);
    }
  });

  it('asks for no key where an environment asks for none', async () => {
    expect((await read()).paths['/v1/predict']?.['post']?.security).not.toContainEqual({});
    const { paths } = await read(newIsolate({ PUBLIC_SCOPES: 'predict' }));
    expect(paths['/v1/predict']?.['post']?.security).toContainEqual({});
    expect(paths['/v1/predictions']?.['get']?.security).not.toContainEqual({});
  });

  it('is not sent again to whoever has it', async () => {
    const first = await send(get('/openapi.json'));
    await first.body?.cancel();
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(first.headers.get('cache-control')).toBe('no-cache');
    for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await send(new Request(get('/openapi.json'), { headers: { 'if-none-match': sent } }));
      expect([sent, again.status, await again.text(), again.headers.get('etag')]).toEqual([sent, 304, '', etag]);
    }
    const changed = await send(new Request(get('/openapi.json'), { headers: { 'if-none-match': '"other"' } }));
    expect([changed.status, (await changed.text()).length > 0]).toEqual([200, true]);
  });

  it('answers 503 while no model can be loaded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ MODELS: { get: () => Promise.resolve(null) } });
    const response = await isolate(get('/openapi.json'));
    expect(response.headers.get('retry-after')).toBe('5');
    await readProblem(response, 503, 'model-unavailable');
  });
});

describe('what is described of the health', () => {
  it.each([
    ['a whole environment', {}, 200],
    ['one that records nothing', WITHOUT_RECORDING, 200],
    ['one without a model', { MODELS: { get: () => Promise.resolve(null) } }, 503],
  ])('is what %s answers', async (_title, bindings, status) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate(bindings);
    expect(Live.safeParse(await (await isolate(get('/health/live'))).json()).error).toBeUndefined();
    const response = await isolate(get('/health/ready'));
    expect([response.status, Ready.safeParse(await response.json()).error]).toEqual([status, undefined]);
  });
});

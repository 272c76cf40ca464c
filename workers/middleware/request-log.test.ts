import { beforeAll, describe, expect, it, vi } from 'vitest';
import { get, postJson, type Send, send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

function withHeaders(request: Request, headers: Record<string, string>): Request {
  const changed = new Request(request);
  for (const [name, value] of Object.entries(headers)) changed.headers.set(name, value);
  return changed;
}

/** The lines that one request writes about itself, once its answer was read. */
async function linesOf(request: Request, to: Send = send): Promise<Record<string, unknown>[]> {
  const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  await (await to(request)).text();
  await vi.waitFor(() => expect(info.mock.calls.some(([line]) => String(line).includes('"request"'))).toBe(true));
  const lines = info.mock.calls.map(([line]) => JSON.parse(String(line)));
  info.mockRestore();
  return lines.filter(({ message }) => message === 'request');
}

describe('the request id', () => {
  it('is the caller’s, or a new one', async () => {
    const own = await send(withHeaders(get('/health/live'), { 'x-request-id': 'order-66:a.b_c' }));
    expect(own.headers.get('x-request-id')).toBe('order-66:a.b_c');
    const made = await send(get('/health/live'));
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['', 'two words', 'x'.repeat(129), '{"level":"error"}', 'é'])(
    'is made here in place of "%s"',
    async (given) => {
      const response = await send(withHeaders(get('/health/live'), { 'x-request-id': given }));
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('is on problems, too', async () => {
    for (const path of ['/nowhere', '/v1/predictions/nothing'])
      expect((await send(get(path))).headers.get('x-request-id')).not.toBeNull();
  });
});

describe('the line of a request', () => {
  it('says what was asked, of which model, by whom, and how it ended', async () => {
    const request = withHeaders(postJson('/v1/predict', exampleInput(model)), {
      'x-request-id': 'r-1',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    });
    expect(await linesOf(request)).toEqual([
      {
        level: 'info',
        message: 'request',
        method: 'POST',
        route: '/v1/predict',
        status: 200,
        requestId: 'r-1',
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        problem: null,
        modelVersion: model.contract.version,
        rows: 1,
        keyId: expect.any(String),
      },
    ]);
  });

  it('counts the rows of a batch when its answer has ended', async () => {
    const lines = await linesOf(postJson('/v1/predict/batch', [exampleInput(model), {}]));
    expect(lines).toMatchObject([{ route: '/v1/predict/batch', status: 200, rows: 2, problem: null }]);
  });

  it('names the problem', async () => {
    expect(await linesOf(postJson('/v1/predict', { age: 'old' }))).toMatchObject([
      { status: 422, problem: 'invalid-record', rows: 1 },
    ]);
    expect(await linesOf(get('/nowhere'))).toMatchObject([{ status: 404, problem: 'not-found' }]);
  });

  it('holds the pattern of the address, and nothing that it or the body says of a person', async () => {
    const input = { ...exampleInput(model), id_employee: 998877 };
    const all = [
      ...(await linesOf(postJson('/v1/predict', input))),
      ...(await linesOf(get('/v1/predictions?identifier=998877'))),
      ...(await linesOf(get('/v1/predictions/01a2088d-f1d4-7155-ad9e-59a6147c005e'))),
    ];
    expect(all.map(({ route }) => route)).toEqual(['/v1/predict', '/v1/predictions', '/v1/predictions/:id']);
    expect(JSON.stringify(all)).not.toMatch(/998877|59a6147c005e/);
  });

  it.each([
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'x',
  ])('leaves out a traceparent that is none: %s', async (traceparent) => {
    expect(await linesOf(withHeaders(get('/health/live'), { traceparent }))).toMatchObject([{ traceId: null }]);
  });

  it('is a data point as well, where these are bound', async () => {
    const writeDataPoint = vi.fn();
    await linesOf(postJson('/v1/predict', {}), newIsolate({ REQUESTS: { writeDataPoint } }));
    expect(writeDataPoint).toHaveBeenCalledWith({
      indexes: ['/v1/predict'],
      blobs: ['POST', '/v1/predict', 'invalid-record', model.contract.version, expect.any(String)],
      doubles: [422, 1],
    });
  });
});

describe('headers', () => {
  it('keep a browser from making a page of an answer', async () => {
    for (const path of ['/v1/model', '/health/live', '/nowhere']) {
      const { headers } = await send(get(path));
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('strict-transport-security')).toContain('max-age');
    }
  });

  it('let pages of the allowed origins call the API, and of no other', async () => {
    const isolate = newIsolate({ CORS_ORIGINS: 'https://hr.example, https://other.example' });
    const from = (origin: string, request = get('/v1/model')) => isolate(withHeaders(request, { origin }));
    const allowed = 'access-control-allow-origin';
    expect((await from('https://hr.example')).headers.get(allowed)).toBe('https://hr.example');
    expect((await from('https://evil.example')).headers.get(allowed)).toBeNull();
    expect(
      (await send(withHeaders(get('/v1/model'), { origin: 'https://hr.example' }))).headers.get(allowed),
    ).toBeNull();
    expect((await newIsolate({ CORS_ORIGINS: '*' })(get('/v1/model'))).headers.get(allowed)).toBe('*');
    // A page sees why its key was refused, too.
    const refused = withHeaders(postJson('/v1/predict', {}), { authorization: 'Bearer wrong' });
    const answer = await from('https://hr.example', refused);
    expect([answer.status, answer.headers.get(allowed)]).toEqual([401, 'https://hr.example']);
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  it('answer a preflight without a key', async () => {
    const preflight = new Request('http://localhost/v1/predict', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://hr.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    const response = await newIsolate({ CORS_ORIGINS: 'https://hr.example' })(preflight);
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Content-Type/);
  });
});

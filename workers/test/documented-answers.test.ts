import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { anonymous, get, postJson, readAnswer, readProblem, send } from './api.ts';
import { toExtracts, toForm } from './extracts.ts';
import { type Bindings, newIsolate, WITHOUT_RECORDING } from './isolate.ts';
import { KEYS } from './keys.ts';
import { activate, exampleInput, type ModelFiles, readModel, renumber } from './models.ts';

const Media = z.record(z.string(), z.object({ schema: z.unknown().optional() }).catchall(z.unknown()));
const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        security: z.array(z.record(z.string(), z.array(z.string()))),
        responses: z.record(z.string(), z.object({ content: Media.optional() }).catchall(z.unknown())),
      }),
    ),
  ),
});
const ProblemSchema = z.object({ properties: z.object({ type: z.object({ enum: z.array(z.string()) }) }) });

type Change = {
  path?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: BodyInit | null;
  keyless?: boolean;
  /** Over the bindings of the worker. */
  bindings?: Bindings;
};
type Operation = { name: string; method: string; path: string; scope: string | undefined };

let model: ModelFiles;
let input: Record<string, FeatureValue>;
let operations: (Operation & { problems: string[]; successes: [status: string, type: string][] })[];
let storedId: string;

beforeAll(async () => {
  model = await readModel();
  input = exampleInput(model);
  await activate(model);
  const { paths } = Document.parse(await (await send(get('/openapi.json'))).json());
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      scope: security.flatMap(({ bearer = [] }) => bearer)[0],
      problems: Object.values(responses).flatMap(({ content = {} }) => {
        const { data } = ProblemSchema.safeParse(content['application/problem+json']?.schema);
        return data?.properties.type.enum.map((type) => type.replace('/problems/', '')) ?? [];
      }),
      successes: Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Number(status) < 400 ? Object.keys(content).map((type): [string, string] => [status, type]) : [],
      ),
    })),
  );
  storedId = await store();
});

/** The id of a prediction that can be read. */
async function store(): Promise<string> {
  const { id } = await readAnswer(await send(postJson('/v1/predict', { ...input, id_employee: 16_180 })));
  await vi.waitFor(async () => expect((await send(get(`/v1/predictions/${id}`))).status).toBe(200), {
    timeout: 5000,
    interval: 100,
  });
  return id;
}

/** A request that succeeds, but for the change. */
function requestOf(
  { method, path }: Operation,
  { path: id = storedId, query = '', headers = {}, body }: Change,
): Request {
  const bodies: Record<string, unknown> = {
    '/v1/predict': input,
    '/v1/predict/batch': [input],
    '/v1/predict/batch/json': [input],
    '/v1/validate': input,
    '/v1/explore': { record: input },
    '/v1/predictions/{id}/outcome': { label: model.contract.output.positive.value, observedOn: today() },
  };
  const search = query || (method === 'DELETE' && path === '/v1/predictions' ? '?identifier=27' : '');
  const usual = path in bodies ? JSON.stringify(bodies[path]) : null;
  const sent = body === undefined ? usual : body;
  if (path === FORM_PATH) return formRequestOf(sent, headers);
  return new Request(`http://localhost${path.replace('{id}', id)}${search}`, {
    method,
    body: sent,
    headers: { ...(typeof sent === 'string' && { 'content-type': 'application/json' }), ...headers },
  });
}

const FORM_PATH = '/v1/predict/batch/form';

/** The same for the address that takes forms: records as extracts, and any other text as a part. */
function formRequestOf(sent: BodyInit | null, { 'content-type': type, ...headers }: Record<string, string>): Request {
  const isOther = type !== undefined && type !== 'text/csv';
  const parts = new Map(model.contract.groups.map(({ id }): [string, string] => [id, String(sent)]));
  const rows = typeof sent === 'string' && sent.startsWith('[') ? sent.split('},{').length : 1;
  const isRecords = sent === null || (typeof sent === 'string' && sent.startsWith('['));
  const body = isRecords
    ? toExtracts(
        model.contract,
        Array.from({ length: rows }, () => input),
      )
    : parts;
  return new Request(`http://localhost${FORM_PATH}`, {
    method: 'POST',
    body: isOther ? 'x' : toForm(body),
    headers: { ...headers, ...(isOther && { 'content-type': type }) },
  });
}

const today = () => new Date().toISOString().slice(0, 10);
const csv = (text: string): Change => ({ body: text, headers: { 'content-type': 'text/csv' } });
const unreachable = { DATABASE_URL: 'postgres://postgres:x@127.0.0.1:9/postgres' };
const noModel = { MODELS: { get: async () => null } };
const isPredict = ({ path }: Operation) => path.startsWith('/v1/predict') && !path.startsWith('/v1/predictions');

function lackingKey({ scope }: Operation): string {
  return scope === 'read' ? KEYS.predict.key : KEYS.read.key;
}

/** What brings each problem about. */
const PROVOKED: Record<string, (operation: Operation) => Change | Promise<Change>> = {
  'invalid-key': () => ({ headers: { authorization: 'Bearer nonsense' } }),
  'expired-key': () => ({ headers: { authorization: `Bearer ${KEYS.expired.key}` } }),
  'missing-key': () => ({ keyless: true }),
  'insufficient-scope': (operation) => ({ headers: { authorization: `Bearer ${lackingKey(operation)}` } }),
  'too-many-requests': () => ({ bindings: { REQUEST_LIMIT: { limit: async () => ({ success: false }) } } }),
  internal: () => ({ bindings: { REQUEST_LIMIT: { limit: () => Promise.reject(new Error('made to fail')) } } }),
  misconfigured: () => ({ bindings: { DATABASE_URL: 'xyz' } }),
  'model-unavailable': () => ({ bindings: noModel }),
  'database-unavailable': (operation) => ({
    bindings: unreachable,
    ...(isPredict(operation) && { headers: { 'idempotency-key': crypto.randomUUID() } }),
  }),
  'history-unavailable': () => ({ bindings: WITHOUT_RECORDING }),
  'prediction-not-found': () => ({ path: '01a2088d-f1d4-7155-ad9e-59a6147c005e' }),
  'invalid-id': () => ({ path: 'nothing' }),
  'invalid-query': () => ({ query: '?nonsense=1' }),
  'invalid-json': () => ({ body: '{' }),
  'invalid-record': ({ path }) => ({ body: path === '/v1/explore' ? '{"record":{}}' : '{}' }),
  'invalid-exploration': () => ({ body: '{}' }),
  'invalid-outcome': () => ({ body: '{}' }),
  'invalid-csv': () => csv('a,"b\n'),
  'invalid-columns': () => csv('colour\nred\n'),
  'invalid-multipart': () => ({ body: 'x', headers: { 'content-type': 'multipart/form-data; boundary=y' } }),
  'unsupported-media-type': () => ({ headers: { 'content-type': 'application/xml' } }),
  'not-acceptable': () => ({ headers: { accept: 'image/png' } }),
  'body-too-large': () => ({ body: `"${'a'.repeat(70_000)}"`, bindings: { BATCH_MAX_BYTES: 60_000 } }),
  'too-many-rows': () => ({ body: JSON.stringify([input, input]), bindings: { BATCH_MAX_ROWS: 1 } }),
  'invalid-idempotency-key': () => ({ headers: { 'idempotency-key': 'two words' } }),
  'idempotency-unavailable': () => ({ headers: { 'idempotency-key': 'x' }, bindings: WITHOUT_RECORDING }),
  'idempotency-key-reused': async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    await readAnswer(
      await send(
        new Request(postJson('/v1/predict', { ...input, id_employee: 5 }), {
          headers: { 'content-type': 'application/json', ...headers },
        }),
      ),
    );
    return { headers };
  },
  // Another model serves, and what the first one answered has not reached the database.
  'idempotency-not-settled': async (operation) => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const bindings = { PREDICTIONS: { sendBatch: async () => undefined } };
    const first = await newIsolate(bindings)(requestOf(operation, { headers }));
    expect(first.status, await first.text()).toBe(200);
    await activate(renumber(model, '9.1.0'));
    return { headers, bindings };
  },
};

/** An address that takes no key has no limit to fail. Nothing is known that makes one answer 500, which is why it is documented. */
const NOT_PROVOKED = new Set(['internal']);

async function expectProblem(operation: Operation, code: string): Promise<void> {
  const provoke = PROVOKED[code];
  if (!provoke) throw new Error(`nothing brings ${code} about`);
  try {
    const change = await provoke(operation);
    const request = requestOf(operation, change);
    const response = await newIsolate(change.bindings)(change.keyless ? anonymous(request) : request);
    await readProblem(response, response.status, code);
  } catch (cause) {
    throw new Error(`${operation.name} does not answer ${code}: ${cause}`, { cause });
  } finally {
    if (code === 'idempotency-not-settled') await activate(model);
  }
}

describe('the OpenAPI document', () => {
  it('promises only what can be seen: every problem of every operation', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const promised = operations.flatMap((operation) =>
      operation.problems
        .filter((code) => operation.scope !== undefined || !NOT_PROVOKED.has(code))
        .map((code) => ({ operation, code })),
    );
    expect(promised.length).toBeGreaterThan(100);
    for (const { operation, code } of promised) await expectProblem(operation, code);
  }, 120_000);

  it('and every success, in each of its formats', async () => {
    for (const operation of operations) {
      for (const [status, type] of operation.successes) {
        const id = operation.method === 'DELETE' ? await store() : storedId;
        const response = await send(requestOf(operation, { path: id, headers: { accept: type } }));
        expect(`${operation.name} ${response.status} ${await response.text()}`).toMatch(`${operation.name} ${status} `);
        expect(response.headers.get('content-type')?.split(';')[0]).toBe(type);
      }
    }
  }, 120_000);
});

import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { ScoringAnswer } from '../../common/protocols/mlflow/scoring-answer.ts';
import { ScoringError } from '../../common/protocols/mlflow/scoring-error.ts';
import { anonymous, get, post, postJson, readAnswer, send, withKey } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { KEYS } from '../test/keys.ts';
import { activate, bucket, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

let model: ModelFiles;
let first: Record<string, FeatureValue>;
let second: Record<string, FeatureValue>;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
  first = exampleInput(model);
  second = exampleInput(model, 1);
});

const invoke = (body: unknown) => send(postJson('/invocations', body));
const csv = (text: BodyInit, type = 'text/csv') => post('/invocations', text, type);
const toCsv = (...records: object[]) =>
  `${Object.keys(first).join(',')}\n${records.map((record) => `${Object.values(record).join(',')}\n`).join('')}`;

async function readPredictions(response: Response) {
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')], text).toEqual([200, 'application/json']);
  return ScoringAnswer.parse(JSON.parse(text)).predictions;
}

async function readError(response: Response, status: number, code: string): Promise<string> {
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')], text).toEqual([status, 'application/json']);
  const error = ScoringError.parse(JSON.parse(text));
  expect(error.error_code).toBe(code);
  return error.message;
}

describe('POST /invocations', () => {
  const split = () => ({ columns: Object.keys(first), data: [Object.values(first), Object.values(second)] });
  const byColumn = () => Object.fromEntries(Object.keys(first).map((name) => [name, [first[name], second[name]]]));

  it.each<[title: string, request: () => Request]>([
    ['dataframe_split', () => postJson('/invocations', { dataframe_split: split() })],
    ['dataframe_records', () => postJson('/invocations', { dataframe_records: [first, second] })],
    ['instances', () => postJson('/invocations', { instances: [first, second] })],
    ['inputs', () => postJson('/invocations', { inputs: byColumn() })],
    ['text/csv', () => csv(toCsv(first, second))],
    ['a charset', () => csv(toCsv(first, second), 'Text/CSV; charset="UTF-8"')],
  ])('answers as /v1/predict does, a prediction for each row: %s', async (_title, request) => {
    const answers = [first, second].map(async (record) => readAnswer(await send(postJson('/v1/predict', record))));
    const expected = (await Promise.all(answers)).map(({ label, probability, risk }) => ({
      label,
      probability,
      risk,
      id: expect.any(String),
    }));
    const predictions = await readPredictions(await send(request()));
    expect(predictions).toEqual(expected);
    expect(new Set(predictions.map(({ id }) => id)).size).toBe(2);
  });

  it('answers no prediction for no row', async () => {
    expect(await readPredictions(await invoke({ dataframe_split: { ...split(), data: [] } }))).toEqual([]);
    expect(await readPredictions(await send(csv(toCsv())))).toEqual([]);
  });

  it('has every prediction recorded, under the key that asked', async () => {
    const request = postJson('/invocations', { dataframe_records: [{ ...first, id_employee: 4711 }, second] });
    const [prediction] = await readPredictions(await send(withKey(request, KEYS.predict)));
    await vi.waitFor(
      async () => {
        const response = await send(get(`/v1/predictions/${prediction?.id}`));
        const stored = { ...prediction, identifier: 4711, keyId: KEYS.predict.id };
        expect([response.status, await response.json()]).toMatchObject([200, stored]);
      },
      { timeout: 5000, interval: 100 },
    );
  });

  it('makes the same predictions of the same request under an Idempotency-Key', async () => {
    const request = () => {
      const { body, headers } = { body: JSON.stringify({ instances: [first, second] }), headers: new Headers() };
      headers.set('content-type', 'application/json');
      headers.set('idempotency-key', 'scoring-1');
      return new Request('http://localhost/invocations', { method: 'POST', body, headers });
    };
    expect(await readPredictions(await send(request()))).toEqual(await readPredictions(await send(request())));
  });

  it('predicts where nothing is recorded', async () => {
    const isolate = newIsolate(WITHOUT_RECORDING);
    expect(await readPredictions(await isolate(postJson('/invocations', { instances: [first] })))).toHaveLength(1);
  });

  it.each<[title: string, body: () => unknown, said: string]>([
    ['a list', () => [first], 'exactly one of'],
    ['no format', () => ({}), 'exactly one of'],
    ['two formats', () => ({ instances: [first], inputs: [first] }), 'exactly one of'],
    ['a short row', () => ({ dataframe_split: { ...split(), data: [[1]] } }), 'Row 0 of "dataframe_split"'],
    ['a record without names', () => ({ dataframe_records: [[1]] }), 'Row 0 of "dataframe_records"'],
    ['an instance without names', () => ({ instances: [[1]] }), 'Row 0 of "instances"'],
    ['uneven columns', () => ({ inputs: { ...byColumn(), age: [40] } }), '"inputs"'],
  ])('refuses a body that is not of the protocol: %s', async (_title, body, said) => {
    expect(await readError(await invoke(body()), 400, 'BAD_REQUEST')).toContain(said);
  });

  it.each<[title: string, request: () => Request, status: number, said: string]>([
    ['cut-off JSON', () => post('/invocations', '{"inputs"'), 400, 'not valid JSON'],
    ['NaN', () => post('/invocations', '{"inputs":{"age":[NaN]}}'), 400, 'not valid JSON'],
    ['nothing', () => post('/invocations', ''), 400, 'empty'],
    ['CSV without a header', () => csv(''), 400, 'Line 1'],
    ['CSV with another header', () => csv('age\n40\n'), 400, 'Line 1: genre: Is required.'],
    ['CSV with a short line', () => csv(`${toCsv(first)}40\n`), 400, 'Line 3'],
    ['CSV that is not UTF-8', () => csv(new Uint8Array([0x61, 0xff])), 400, 'UTF-8'],
    ['CSV in UTF-16', () => csv(new Uint8Array([0x61, 0, 0x62, 0])), 400, 'UTF-16'],
    ['JSON in UTF-16', () => post('/invocations', new Uint8Array([0x7b, 0, 0x7d, 0])), 400, 'UTF-16'],
    ['text', () => post('/invocations', 'age', 'text/plain'), 415, 'text/csv'],
    ['bytes', () => post('/invocations', 'age', 'application/octet-stream'), 415, 'text/csv'],
    ['another charset', () => csv(toCsv(first), 'text/csv; charset=latin1'), 415, 'UTF-8'],
    ['another parameter', () => csv(toCsv(first), 'text/csv; header=absent'), 415, 'text/csv'],
    ['too many bytes', () => post('/invocations', new Uint8Array(8 * 1024 * 1024 + 1)), 413, '8388608'],
  ])('refuses a body that cannot be read: %s', async (_title, request, status, said) => {
    expect(await readError(await send(request()), status, 'BAD_REQUEST')).toContain(said);
  });

  it('refuses all rows for one that the contract refuses, naming row, field and rule', async () => {
    const sendBatch = vi.fn();
    const isolate = newIsolate({ PREDICTIONS: { sendBatch } });
    const request = postJson('/invocations', { dataframe_records: [first, { ...second, age: 12, colour: 'red' }] });
    const message = await readError(await isolate(request), 400, 'INVALID_PARAMETER_VALUE');
    expect(message).toMatch(/^Row 1, age \(minimum\): Must be at least 18 years\./);
    expect(message).toContain('colour (unknown-field)');
    expect(sendBatch).not.toHaveBeenCalled();
  });

  it('refuses more rows than the environment takes', async () => {
    const isolate = newIsolate({ BATCH_MAX_ROWS: 2 });
    for (const request of [postJson('/invocations', { instances: [first, first, first] }), csv('\n\n\n\n')]) {
      expect(await readError(await isolate(request), 413, 'BAD_REQUEST')).toContain('2 rows, and this one has 3.');
    }
    expect(await readPredictions(await isolate(csv(toCsv(first, second))))).toHaveLength(2);
  });
});

describe('whoever may not predict', () => {
  it('is told so in the words of the protocol', async () => {
    const request = () => postJson('/invocations', { instances: [first] });
    const response = await send(anonymous(request()));
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    await readError(response, 401, 'UNAUTHENTICATED');
    await readError(await send(withKey(request(), KEYS.read)), 403, 'PERMISSION_DENIED');
    const limited = newIsolate({ REQUEST_LIMIT: { limit: async () => ({ success: false }) } });
    const refused = await limited(request());
    expect(refused.headers.get('retry-after')).toBe('60');
    await readError(refused, 429, 'REQUEST_LIMIT_EXCEEDED');
  });
});

describe('a body of more than 64 KiB', () => {
  const limited = () => {
    const counted: string[] = [];
    const limit = async ({ key }: { key: string }) => ({ success: counted.push(key) > 0 });
    return { isolate: newIsolate({ BATCH_LIMIT: { limit } }), counted };
  };

  it('counts as a batch, also where it cannot be read, and once', async () => {
    const { isolate, counted } = limited();
    await readError(await isolate(post('/invocations', ' '.repeat(64 * 1024 + 1))), 400, 'BAD_REQUEST');
    expect(counted).toEqual(['key:all']);
    await readError(await isolate(post('/invocations', ' '.repeat(64 * 1024))), 400, 'BAD_REQUEST');
    expect(counted).toHaveLength(1);
    await readPredictions(await isolate(postJson('/invocations', { instances: Array(200).fill(first) })));
    expect(counted).toHaveLength(2);
  });

  it('is refused before it is parsed, if it would fill the memory', async () => {
    const bomb = `{"zzz":[${'[],'.repeat(2_500_000)}[]],"instances":[]}`;
    const said = await readError(await limited().isolate(post('/invocations', bomb)), 413, 'BAD_REQUEST');
    expect(said).toContain('48 MiB of memory are allowed');
  });
});

describe('another method', () => {
  it.each([
    ['GET', '/invocations', 'POST'],
    ['POST', '/ping', 'GET, HEAD'],
    ['DELETE', '/version', 'GET, HEAD'],
  ])('%s %s is refused in the words of the protocol', async (method, path, allowed) => {
    const response = await send(new Request(`http://localhost${path}`, { method }));
    expect(response.headers.get('allow')).toBe(allowed);
    await readError(response, 405, 'BAD_REQUEST');
  });
});

describe('the state of the server', () => {
  it.each(['/ping', '/health'])('%s is told to anybody', async (path) => {
    const response = await send(anonymous(get(path)));
    expect([response.status, await response.text()]).toEqual([200, '\n']);
  });

  it('names the version of MLflow whose protocol this is', async () => {
    const response = await send(anonymous(get('/version')));
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  });

  it('is not well without a model', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await bucket.delete('channels/active.json');
    try {
      const isolate = newIsolate();
      await readError(await isolate(get('/ping')), 503, 'TEMPORARILY_UNAVAILABLE');
      await readError(await isolate(postJson('/invocations', { instances: [first] })), 503, 'TEMPORARILY_UNAVAILABLE');
    } finally {
      await activate(model);
    }
  });
});

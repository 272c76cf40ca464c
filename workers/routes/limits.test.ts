import { beforeAll, describe, expect, it } from 'vitest';
import { PredictionPage } from '../../common/api/answers.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { get, post, postJson, type Send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel, TINY_MODEL } from '../test/models.ts';

// The limits of docs/api.md, each from both sides. Fields are in common/record/validation.test.ts, the length of a row in
// common/tables/csv-reader.test.ts and ndjson.test.ts.

const KIB = 1024;
const MIB = 1024 * KIB;

let model: ModelFiles;
let input: Record<string, FeatureValue>;
/** Nothing is recorded, so that ten thousand rows take little time. */
let isolate: Send;
/** The worker that other files share would keep this model for seconds: what is recorded has an isolate of its own, too. */
let recording: Send;
beforeAll(async () => {
  model = await readModel(TINY_MODEL);
  await activate(model);
  input = exampleInput(model);
  isolate = newIsolate(WITHOUT_RECORDING);
  recording = newIsolate();
});

/** The JSON of a value, and as many blanks as make it so many bytes. */
const padded = (value: unknown, bytes: number) => JSON.stringify(value).padEnd(bytes, ' ');

const statusOf = async (request: Request, ask: Send = isolate) => {
  const response = await ask(request);
  await response.text();
  return response.status;
};

/** The statuses of a body of exactly the limit, and of one byte more. */
async function around(limit: number, request: (bytes: number) => Request, ask: Send = isolate): Promise<number[]> {
  return [await statusOf(request(limit), ask), await statusOf(request(limit + 1), ask)];
}

const csvOf = (rows: number, record = input) => `${Object.keys(record)}\n${`${Object.values(record)}\n`.repeat(rows)}`;

/** A limiter that counts, and lets everybody pass. */
function counting() {
  const counts = { request: 0, batch: 0 };
  const limiterOf = (name: keyof typeof counts) => ({
    limit: async () => {
      counts[name]++;
      return { success: true };
    },
  });
  const bindings = { REQUEST_LIMIT: limiterOf('request'), BATCH_LIMIT: limiterOf('batch') };
  return { counts, ask: newIsolate({ ...WITHOUT_RECORDING, ...bindings }) };
}

describe('a record', () => {
  it.each(['/v1/predict', '/v1/validate', '/v1/explore'])('of %s has 64 KiB at most', async (path) => {
    const body = path === '/v1/explore' ? { record: input } : input;
    expect(await around(64 * KIB, (bytes) => post(path, padded(body, bytes)))).toEqual([200, 413]);
  });

  it('is explored with 200 values at most', async () => {
    const vary = (count: number) => ({ field: 'hours', values: Array.from({ length: count }, (_, i) => i) });
    expect(await around(200, (count) => postJson('/v1/explore', { record: input, vary: vary(count) }))).toEqual([
      200, 422,
    ]);
  });
});

it('an outcome has 4 KiB at most', async () => {
  const path = '/v1/predictions/01a2088d-f1d4-7155-ad9e-59a6147c005e/outcome';
  const body = { label: 'breaks', observedOn: '2026-01-31' };
  const put = (bytes: number) =>
    new Request(`http://localhost${path}`, {
      method: 'PUT',
      body: padded(body, bytes),
      headers: { 'content-type': 'application/json' },
    });
  // Nobody made that prediction.
  expect(await around(4 * KIB, put, recording)).toEqual([404, 413]);
});

describe('a batch', () => {
  const batch = (body: BodyInit, type?: string) => post('/v1/predict/batch', body, type);

  it('of JSON has 8 MiB at most', async () => {
    expect(await around(8 * MIB, (bytes) => batch(padded([input], bytes)))).toEqual([200, 413]);
  });

  it('of JSON has BATCH_MAX_BYTES at most where that is less', async () => {
    const small = newIsolate({ ...WITHOUT_RECORDING, BATCH_MAX_BYTES: 1000 });
    expect(await around(1000, (bytes) => batch(padded([input], bytes)), small)).toEqual([200, 413]);
  });

  it.each(['text/csv', 'application/x-ndjson'])(
    'of %s has 8 MiB at most under an Idempotency-Key alone',
    async (type) => {
      const line = type === 'text/csv' ? csvOf(1) : `${JSON.stringify(input)}\n`;
      // Blank lines are no rows. Long ones are read faster.
      const blank = `${' '.repeat(1023)}\n`;
      const body = (bytes: number) => `${line}${blank.repeat(8 * KIB).slice(0, bytes - line.length)}`;
      const keyed = (bytes: number) => {
        const request = batch(body(bytes), type);
        request.headers.set('idempotency-key', crypto.randomUUID());
        return request;
      };
      expect(await around(8 * MIB, keyed, recording)).toEqual([200, 413]);
      expect(await statusOf(batch(body(8 * MIB + 1), type))).toBe(200);
    },
  );

  it.each(['text/csv', 'application/x-ndjson'])('of %s has BATCH_MAX_BYTES at most', async (type) => {
    const small = newIsolate({ ...WITHOUT_RECORDING, BATCH_MAX_BYTES: 1000 });
    const line = type === 'text/csv' ? csvOf(1) : `${JSON.stringify(input)}\n`;
    expect(await around(1000, (bytes) => batch(line.padEnd(bytes, '\n'), type), small)).toEqual([200, 413]);
  });

  it('has BATCH_MAX_ROWS rows at most, in each format', async () => {
    const three = newIsolate({ ...WITHOUT_RECORDING, BATCH_MAX_ROWS: 3 });
    const records = (rows: number) => Array.from({ length: rows }, () => input);
    const ndjson = (rows: number) =>
      records(rows)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join('');
    for (const request of [
      (rows: number) => batch(csvOf(rows), 'text/csv'),
      (rows: number) => batch(ndjson(rows), 'application/x-ndjson'),
      (rows: number) => batch(JSON.stringify(records(rows))),
    ]) {
      const [most, more] = [await three(request(3)), await three(request(4))];
      const said = 'A batch may have at most 3 rows';
      expect([most.status, (await most.text()).includes(said)]).toEqual([200, false]);
      expect(await more.text()).toContain(said);
    }
  });
});

describe('a request of the Open Inference Protocol', () => {
  const infer = (body: string) => post(`/v2/models/${model.contract.name}/infer`, body);
  const rows = (count: number) => ({
    inputs: [
      { name: 'hours', datatype: 'FP64', shape: [count], data: Array(count).fill(1) },
      { name: 'seniority', datatype: 'INT64', shape: [count], data: Array(count).fill(1) },
      { name: 'site', datatype: 'BYTES', shape: [count], data: Array(count).fill('indoor') },
    ],
  });

  it('has 16 MiB at most', async () => {
    expect(await around(16 * MIB, (bytes) => infer(padded(rows(1), bytes)))).toEqual([200, 413]);
  });

  it('has 10,000 rows at most', async () => {
    expect(await around(10_000, (count) => infer(JSON.stringify(rows(count))))).toEqual([200, 413]);
  });

  it('counts as a batch from 101 rows on, and from one byte more than 64 KiB', async () => {
    const { counts, ask } = counting();
    await statusOf(infer(JSON.stringify(rows(100))), ask);
    await statusOf(infer(padded(rows(1), 64 * KIB)), ask);
    expect(counts).toEqual({ request: 2, batch: 0 });
    await statusOf(infer(JSON.stringify(rows(101))), ask);
    await statusOf(infer(padded(rows(1), 64 * KIB + 1)), ask);
    // Once, though it is both.
    await statusOf(infer(padded(rows(101), 64 * KIB + 1)), ask);
    expect(counts).toEqual({ request: 5, batch: 3 });
  });
});

describe("a request of MLflow's scoring protocol", () => {
  const invoke = (body: string, type?: string) => post('/invocations', body, type);
  const instances = (count: number) => ({ instances: Array(count).fill(input) });

  it('has 8 MiB at most', async () => {
    expect(await around(8 * MIB, (bytes) => invoke(padded(instances(1), bytes)))).toEqual([200, 413]);
  });

  it('has 10,000 rows at most, as JSON and as CSV', async () => {
    expect(await around(10_000, (count) => invoke(JSON.stringify(instances(count))))).toEqual([200, 413]);
    expect(await around(10_000, (count) => invoke(csvOf(count), 'text/csv'))).toEqual([200, 413]);
  });

  it('counts as a batch from 101 rows on, and from one byte more than 64 KiB', async () => {
    const { counts, ask } = counting();
    await statusOf(invoke(JSON.stringify(instances(100))), ask);
    await statusOf(invoke(csvOf(100), 'text/csv'), ask);
    await statusOf(invoke(padded(instances(1), 64 * KIB)), ask);
    expect(counts).toEqual({ request: 3, batch: 0 });
    await statusOf(invoke(JSON.stringify(instances(101))), ask);
    await statusOf(invoke(csvOf(101), 'text/csv'), ask);
    await statusOf(invoke(padded(instances(1), 64 * KIB + 1)), ask);
    expect(counts).toEqual({ request: 6, batch: 3 });
  });
});

it('a page of the history has 200 predictions at most', async () => {
  expect(await around(200, (limit) => get(`/v1/predictions?limit=${limit}`), recording)).toEqual([200, 422]);
  expect(await statusOf(get('/v1/predictions?limit=0'), recording)).toBe(422);
  const page = PredictionPage.parse(await (await recording(get('/v1/predictions?limit=1'))).json());
  expect(page.items.length).toBeLessThanOrEqual(1);
});

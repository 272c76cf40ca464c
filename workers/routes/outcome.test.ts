import { beforeAll, describe, expect, it, vi } from 'vitest';
import { OutcomeEntry, PredictionDetail } from '../../common/api/answers.ts';
import { get, readProblem, type Send, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, bucket, type ModelFiles, readModel, renumber, storeVersion, TINY_MODEL } from '../test/models.ts';
import { made, store } from '../test/predictions.ts';

const UNKNOWN = '01a2088d-f1d4-7155-ad9e-59a6147c005e';
const DAY_MS = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const dayOf = (time: string) => time.slice(0, 10);

let model: ModelFiles;
let leaves: string;
let stays: string;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
  leaves = model.contract.output.positive.value;
  stays = model.contract.output.negative.value;
});

function put(id: string, body: unknown, contentType = 'application/json'): Request {
  return new Request(`http://localhost/v1/predictions/${id}/outcome`, {
    method: 'PUT',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': contentType },
  });
}

async function readEntry(response: Response): Promise<OutcomeEntry> {
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return OutcomeEntry.parse(await response.json());
}

/** The id of a prediction of so many days ago, by the model that serves or by another one. */
async function storeDaysAgo(days: number, { contract: { name, version, graph } } = model): Promise<string> {
  const prediction = made({
    createdAt: daysAgo(days),
    model: { name, version, sha256: graph.sha256, contractSha256: null },
  });
  await store(prediction);
  return prediction.id;
}

async function outcomesOf(id: string) {
  return PredictionDetail.parse(await (await send(get(`/v1/predictions/${id}`))).json());
}

/** The rule of each field that a request is refused for. */
async function refusedFor(request: Request): Promise<string[]> {
  const { errors } = await readProblem(await send(request), 422, 'invalid-outcome');
  return (errors ?? []).map(({ fields, rule }) => `${fields.join('+')}: ${rule}`);
}

describe('PUT /v1/predictions/{id}/outcome', () => {
  it('records what happened, with the key that said so; a later one replaces it, and both stay', async () => {
    const id = await storeDaysAgo(10);
    const first = await readEntry(await send(put(id, { label: leaves, observedOn: dayOf(daysAgo(5)) })));
    expect(first).toEqual({
      label: leaves,
      observedOn: dayOf(daysAgo(5)),
      recordedAt: expect.any(String),
      keyId: 'all',
    });
    const second = await readEntry(await send(put(id, { label: stays, observedOn: dayOf(daysAgo(0)) })));
    expect(await outcomesOf(id)).toMatchObject({ outcome: second, outcomes: [second, first] });
  });

  it('changes nothing when it is sent again, or by several at once', async () => {
    const id = await storeDaysAgo(10);
    const body = { label: stays, observedOn: dayOf(daysAgo(3)) };
    const [first, ...others] = await Promise.all(
      Array.from({ length: 4 }, async () => readEntry(await send(put(id, body)))),
    );
    expect(others).toEqual([first, first, first]);
    expect(await readEntry(await send(put(id, body)))).toEqual(first);
    expect((await outcomesOf(id)).outcomes).toEqual([first]);
    await readEntry(await send(put(id, { ...body, observedOn: dayOf(daysAgo(2)) })));
    expect((await outcomesOf(id)).outcomes).toHaveLength(2);
  });

  it('accepts the days from that of the prediction to today', async () => {
    const id = await storeDaysAgo(10);
    const on = (days: number) => put(id, { label: stays, observedOn: dayOf(daysAgo(days)) });
    expect(await refusedFor(on(11))).toEqual(['observedOn: before-prediction']);
    await readEntry(await send(on(10)));
    await readEntry(await send(on(0)));
    expect(await refusedFor(on(-1))).toEqual(['observedOn: future']);
  });

  it.each([
    [{ label: "stays' or true --", observedOn: '2026-01-31' }, ['label: category']],
    [{ label: 'x', observedOn: '2026-02-30' }, ['label: category', 'observedOn: date']],
    [{ note: 1 }, ['label: required', 'observedOn: required', 'note: unknown-field']],
    [[], [': type']],
    ['null', [': type']],
  ])('refuses %j, naming every field', async (body, expected) => {
    const id = await storeDaysAgo(1);
    expect(await refusedFor(put(id, body))).toEqual(expected);
    expect((await outcomesOf(id)).outcomes).toEqual([]);
  });

  it('names the labels that the model has', async () => {
    const id = await storeDaysAgo(1);
    const request = put(id, { label: 'x', observedOn: dayOf(daysAgo(0)) });
    const { errors } = await readProblem(await send(request), 422, 'invalid-outcome');
    expect(errors?.[0]?.detail).toContain(`${leaves}, ${stays}`);
  });

  it('refuses what is no JSON, too large, or of another type', async () => {
    await readProblem(await send(put(UNKNOWN, '{')), 400, 'invalid-json');
    await readProblem(await send(put(UNKNOWN, '')), 400, 'invalid-json');
    await readProblem(await send(put(UNKNOWN, `"${'x'.repeat(5000)}"`)), 413, 'body-too-large');
    await readProblem(await send(put(UNKNOWN, '{}', 'text/plain')), 415, 'unsupported-media-type');
  });

  it('answers 404 for an unknown prediction, 422 for what is no id', async () => {
    const body = { label: stays, observedOn: '2026-01-31' };
    await readProblem(await send(put(UNKNOWN, body)), 404, 'prediction-not-found');
    await readProblem(await send(put("1' or true", body)), 422, 'invalid-id');
  });

  it('answers 503 without a database, 404 where nothing is recorded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const body = { label: stays, observedOn: '2026-01-31' };
    const answered = (isolate: Send) => isolate(put(UNKNOWN, body));
    const down = newIsolate({ DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' });
    await readProblem(await answered(down), 503, 'database-unavailable');
    await readProblem(await answered(newIsolate(WITHOUT_RECORDING)), 404, 'history-unavailable');
  });
});

describe('the outcome of a prediction that another model made', () => {
  const observedOn = dayOf(daysAgo(0));
  let earlier: ModelFiles;
  beforeAll(async () => {
    earlier = await readModel(TINY_MODEL);
    await storeVersion(earlier);
  });
  const labels = () => [earlier.contract.output.positive.value, earlier.contract.output.negative.value];

  it('has the labels of that one, and not of the one that serves', async () => {
    const id = await storeDaysAgo(1, earlier);
    const isolate = newIsolate();
    for (const label of labels()) await readEntry(await isolate(put(id, { label, observedOn })));
    expect(labels()).not.toContain(leaves);
    const { errors } = await readProblem(await isolate(put(id, { label: leaves, observedOn })), 422, 'invalid-outcome');
    expect(errors?.[0]?.detail).toContain(labels().join(', '));
  });

  it('is recorded without its graph, and while no model serves', async () => {
    const id = await storeDaysAgo(1, earlier);
    const read: string[] = [];
    const isolate = newIsolate({
      MODELS: {
        get: async (key: string) => {
          if (key.startsWith('channels/')) return null;
          read.push(key);
          return bucket.get(key);
        },
      },
    });
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await readEntry(await isolate(put(id, { label: labels()[0], observedOn })));
    expect(read.join()).toContain('manifest.json');
    expect(read.join()).not.toContain('model.onnx');
  });

  it('is answered 503 where that version is not stored, or R2 is down', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const gone = put(await storeDaysAgo(1, renumber(model, '0.0.7')), { label: leaves, observedOn });
    const { detail } = await readProblem(await send(gone), 503, 'model-unavailable');
    expect(detail).toContain(`version 0.0.7 of ${model.contract.name}`);
    const down = newIsolate({ MODELS: { get: () => Promise.reject(new Error('R2 is down')) } });
    const request = put(await storeDaysAgo(1, earlier), { label: labels()[0], observedOn });
    await readProblem(await down(request), 503, 'model-unavailable');
    expect(error.mock.calls.flat().join()).toContain('R2 is down');
  });

  it('is refused for a contract that is not what was published', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const changed = renumber(earlier, '9.9.9');
    await storeVersion(changed);
    await bucket.put(`models/${changed.contract.name}/9.9.9/contract.json`, `${changed.contractJson} `);
    const request = put(await storeDaysAgo(1, changed), { label: labels()[0], observedOn });
    await readProblem(await send(request), 503, 'model-unavailable');
  });
});

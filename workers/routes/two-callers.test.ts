import { env } from 'cloudflare:workers';
import { desc, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { BatchAnswer, Capabilities, OutcomeEntry, PredictAnswer, PredictionDetail } from '../../common/api/answers.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { ScoringAnswer } from '../../common/protocols/mlflow/scoring-answer.ts';
import { connect } from '../store/database.ts';
import { erasures } from '../store/schema.ts';
import { anonymous, get, post, postJson, send, withKey } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { KEYS, makeKey, type TestKey, toApiKeys } from '../test/keys.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';
import { made, store } from '../test/predictions.ts';

const ROUTES = ['/v1/predict', '/v1/predict/batch of JSON', '/v1/predict/batch of CSV', '/v2', '/invocations'] as const;
type Route = (typeof ROUTES)[number];

/** Two keys of one environment that may do the same. */
const HR = makeKey('hr', ['predict', 'read', 'write', 'admin']);
const FINANCE = makeKey('finance', ['predict', 'read', 'write', 'admin']);

let model: ModelFiles;
let input: Record<string, FeatureValue>;
let other: Record<string, FeatureValue>;
/** One isolate for both: what it keeps in memory must not mix them either. */
let shared: ReturnType<typeof newIsolate>;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
  [input, other] = [exampleInput(model), exampleInput(model, 1)];
  const keys = await toApiKeys([HR, FINANCE, KEYS.all]);
  shared = newIsolate({ API_KEYS: keys, PUBLIC_SCOPES: 'predict' });
});

const InferAnswer = z.object({ outputs: z.array(z.object({ name: z.string(), data: z.array(z.unknown()) })) });

function requestOf(route: Route, record: Record<string, FeatureValue>): Request {
  const { name, features } = model.contract;
  switch (route) {
    case '/v1/predict':
      return postJson(route, record);
    case '/v1/predict/batch of JSON':
      return postJson('/v1/predict/batch', [record]);
    case '/v1/predict/batch of CSV': {
      const request = post('/v1/predict/batch', `${Object.keys(record)}\n${Object.values(record)}\n`, 'text/csv');
      request.headers.set('accept', 'application/json');
      return request;
    }
    case '/v2': {
      const inputs = features.map((feature) => ({
        name: feature.name,
        datatype: feature.type === 'category' ? 'BYTES' : 'FP64',
        shape: [1],
        data: [record[feature.name]],
      }));
      return postJson(`/v2/models/${name}/infer`, { inputs });
    }
    case '/invocations':
      return postJson(route, { instances: [record] });
  }
}

/** The id of the prediction that was answered; the status where none was. */
async function idOf(route: Route, response: Response): Promise<unknown> {
  if (response.status !== 200) return response.status;
  const answer = await response.json();
  switch (route) {
    case '/v1/predict':
      return PredictAnswer.parse(answer).id;
    case '/v1/predict/batch of JSON':
    case '/v1/predict/batch of CSV':
      return BatchAnswer.parse(answer).results.map((result) => ('id' in result ? result.id : null))[0];
    case '/v2':
      return InferAnswer.parse(answer).outputs.find(({ name }) => name === 'prediction_id')?.data[0];
    case '/invocations':
      return ScoringAnswer.parse(answer).predictions[0]?.id;
  }
}

async function ask(route: Route, caller: TestKey | null, key: string, record = input): Promise<unknown> {
  const request = requestOf(route, record);
  request.headers.set('idempotency-key', key);
  return idOf(route, await shared(caller ? withKey(request, caller) : anonymous(request)));
}

describe.each(ROUTES)('two callers of %s', (route) => {
  it('get predictions of their own under the same Idempotency-Key, and each its own again', async () => {
    const key = crypto.randomUUID();
    const first = await Promise.all([HR, FINANCE, null].map((caller) => ask(route, caller, key)));
    expect(first).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
    expect(new Set(first).size).toBe(3);
    const again = await Promise.all([HR, FINANCE, null].map((caller) => ask(route, caller, key)));
    expect(again).toEqual(first);
  });

  it('do not use up an Idempotency-Key for each other', async () => {
    const key = crypto.randomUUID();
    await ask(route, HR, key);
    expect(await ask(route, HR, key, other)).toBe(409);
    expect(await ask(route, FINANCE, key, other)).toEqual(expect.any(String));
    expect(await ask(route, null, key, other)).toEqual(expect.any(String));
    // Nor does what the others asked use it up for the first one.
    expect(await ask(route, HR, key)).toEqual(expect.any(String));
  });
});

it('predictions are recorded under the keys of those who asked, at every address', async () => {
  const callers = [HR, FINANCE, null];
  const asked = ROUTES.flatMap((route) => callers.map((caller) => ({ route, caller })));
  const expected = await Promise.all(
    asked.map(async ({ route, caller }) => {
      const request = requestOf(route, input);
      const id = await idOf(route, await shared(caller ? withKey(request, caller) : anonymous(request)));
      return { id, keyId: caller?.id ?? null };
    }),
  );
  // The queue takes a while.
  await vi.waitFor(
    async () => {
      const found = expected.map(async ({ id }) => {
        const response = await send(get(`/v1/predictions/${id}`));
        return response.status === 200 ? PredictionDetail.parse(await response.json()) : null;
      });
      expect((await Promise.all(found)).map((it) => it && { id: it.id, keyId: it.keyId })).toEqual(expected);
    },
    { timeout: 10_000, interval: 200 },
  );
});

it('no Idempotency-Key of one address is one of another', async () => {
  const key = crypto.randomUUID();
  await ask('/v1/predict', HR, key);
  for (const route of ROUTES.slice(1)) expect(await ask(route, HR, key)).toBe(409);
});

describe('two callers', () => {
  const outcome = (id: string, label: string, key: TestKey) =>
    shared(
      withKey(
        new Request(`http://localhost/v1/predictions/${id}/outcome`, {
          method: 'PUT',
          body: JSON.stringify({ label, observedOn: new Date().toISOString().slice(0, 10) }),
          headers: { 'content-type': 'application/json' },
        }),
        key,
      ),
    );

  it('record outcomes under their own keys, and the first one stays who said it first', async () => {
    const { name, version, graph, output } = model.contract;
    const prediction = made({ model: { name, version, sha256: graph.sha256, contractSha256: null } });
    await store(prediction);
    const said = async (label: string, key: TestKey) =>
      OutcomeEntry.parse(await (await outcome(prediction.id, label, key)).json()).keyId;
    expect(await said(output.positive.value, HR)).toBe('hr');
    // The same outcome again changes nothing, whoever sends it.
    expect(await said(output.positive.value, FINANCE)).toBe('hr');
    expect(await said(output.negative.value, FINANCE)).toBe('finance');
    const read = PredictionDetail.parse(await (await send(get(`/v1/predictions/${prediction.id}`))).json());
    expect(read.outcomes.map(({ keyId }) => keyId)).toEqual(['finance', 'hr']);
  });

  it('are each named by the erasures that they ask for', async () => {
    const erase = (path: string, key: TestKey) =>
      shared(withKey(new Request(`http://localhost/v1/predictions${path}`, { method: 'DELETE' }), key));
    const identifier = 1_000_000_000 + Math.floor(Math.random() * 1e9);
    const [one, two] = [made({ identifier: null }), made({ identifier: null })];
    await store(one, two);
    for (const [prediction, key] of [
      [one, HR],
      [two, FINANCE],
    ] as const) {
      expect((await erase(`/${prediction.id}`, key)).status).toBe(200);
      expect((await erase(`?identifier=${identifier}`, key)).status).toBe(200);
    }
    const database = connect(env.DATABASE_URL ?? '')();
    const by = async (id: string) =>
      (await database.select().from(erasures).where(eq(erasures.predictionId, id))).map(({ keyId }) => keyId);
    expect([await by(one.id), await by(two.id)]).toEqual([['hr'], ['finance']]);
    const all = await database
      .select()
      .from(erasures)
      .where(eq(erasures.identifier, identifier))
      .orderBy(desc(erasures.erasedAt));
    expect(all.map(({ keyId }) => keyId)).toEqual(['finance', 'hr']);
  });

  it('are each told of their own scopes, by one isolate', async () => {
    const [reader, writer] = [makeKey('reader', ['read']), makeKey('writer', ['write'])];
    const isolate = newIsolate({ API_KEYS: await toApiKeys([reader, writer]) });
    const scopes = async (request: Request) => Capabilities.parse(await (await isolate(request)).json()).scopes;
    for (let i = 0; i < 2; i++) {
      expect(await scopes(withKey(get('/v1/capabilities'), reader))).toEqual(['read']);
      expect(await scopes(withKey(get('/v1/capabilities'), writer))).toEqual(['write']);
      expect(await scopes(anonymous(get('/v1/capabilities')))).toEqual([]);
    }
  });

  it.each(ROUTES)('are counted one by one: %s', async (route) => {
    const counted: string[] = [];
    const limiter = { limit: async ({ key }: { key: string }) => ({ success: counted.push(key) > 0 }) };
    const isolate = newIsolate({
      API_KEYS: await toApiKeys([HR, FINANCE]),
      REQUEST_LIMIT: limiter,
      BATCH_LIMIT: limiter,
    });
    for (const caller of [HR, FINANCE]) await (await isolate(withKey(requestOf(route, input), caller))).text();
    // A batch counts as a request, and as a batch.
    const times = route.includes('batch') ? 2 : 1;
    expect(counted).toEqual([...Array(times).fill('key:hr'), ...Array(times).fill('key:finance')]);
  });
});

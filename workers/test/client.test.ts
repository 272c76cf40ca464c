import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError, createClient } from '../../client/client.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { binary, binaryContract } from '../../common/test/binary.ts';
import { KEYS } from './keys.ts';
import { activate, exampleInput, type ModelFiles, readModel } from './models.ts';

let model: ModelFiles;
let input: Record<string, FeatureValue>;
beforeAll(async () => {
  model = await readModel();
  input = exampleInput(model);
  await activate(model);
});

const clientOf = (apiKey: string) =>
  createClient({
    url: 'http://localhost',
    apiKey,
    fetch: (address, init) => exports.default.fetch(new Request(address instanceof URL ? address.href : address, init)),
  });
const client = clientOf(KEYS.all.key);

const eventually = <T>(work: () => Promise<T>) => vi.waitFor(work, { timeout: 5000, interval: 100 });

async function rejection(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${error}`);
}

describe('the time that the client waits', () => {
  /** Answers after `answerMs`, and sends the body `bodyMs` later. */
  const slow =
    (answerMs: number, bodyMs: number): typeof fetch =>
    async (_input, init) => {
      const { signal } = init ?? {};
      const { readable, writable } = new TransformStream();
      const abort = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => {
        abort.reject(signal.reason);
        writable.abort(signal.reason).catch(() => undefined);
      });
      abort.promise.catch(() => undefined);
      await Promise.race([scheduler.wait(answerMs), abort.promise]);
      const send = async () => {
        await scheduler.wait(bodyMs);
        const writer = writable.getWriter();
        await writer.write(new TextEncoder().encode('id,label'));
        await writer.close();
      };
      send().catch(() => undefined);
      return new Response(readable);
    };
  const impatient = (answerMs: number, bodyMs: number) =>
    createClient({ url: 'http://localhost', timeoutMs: 100, fetch: slow(answerMs, bodyMs) });

  it('is for an answer to begin: a long one is read whole', async () => {
    expect(await new Response(await impatient(0, 300).exportPredictions()).text()).toBe('id,label');
  });

  it('ends with an error that says so', async () => {
    await expect(impatient(2000, 0).model()).rejects.toThrow('no answer within 100 ms');
  });
});

describe('the client', () => {
  it('predicts, reads back, records an outcome and erases', async () => {
    const contract = binaryContract(await client.model());
    expect(contract.version).toBe(model.contract.version);
    const answer = binary(await client.predict({ ...input, id_employee: 31_415 }));
    expect(answer.probability).toBeCloseTo(model.contract.examples[0]?.probability ?? Number.NaN, 6);

    const stored = await eventually(() => client.getPrediction(answer.id));
    expect(stored).toMatchObject({ identifier: 31_415, keyId: KEYS.all.id, outcome: null, outcomes: [] });
    const label = contract.output.negative.value;
    const observedOn = new Date().toISOString().slice(0, 10);
    expect(await client.putOutcome(answer.id, { label, observedOn })).toMatchObject({ label, observedOn });
    expect((await client.listPredictions({ identifier: 31_415 })).items).toMatchObject([
      { id: answer.id, outcome: { label } },
    ]);

    expect(await client.erase(31_415)).toMatchObject({ predictions: 1 });
    expect((await rejection(client.getPrediction(answer.id))).problem?.type).toBe('/problems/prediction-not-found');
    expect((await rejection(client.deletePrediction(answer.id))).status).toBe(404);
  });

  it('pages through the whole history', async () => {
    const answers = await client.predictAll([1, 2, 3, 4, 5].map(() => ({ ...input, id_employee: 27_182 })));
    const ids = answers.results.map((result) => ('id' in result ? result.id : ''));
    await eventually(async () => expect((await client.listPredictions({ identifier: 27_182 })).items).toHaveLength(5));
    const all: string[] = [];
    for await (const { id } of client.allPredictions({ identifier: 27_182, limit: 2 })) all.push(id);
    expect(all).toEqual(ids.toReversed());
    const table = await new Response(await client.exportPredictions({ identifier: 27_182 })).text();
    expect(table.trimEnd().split('\r\n')).toHaveLength(1 + 5);
  });

  it('streams records in and results out, and ends with the summary', async () => {
    async function* records() {
      for (let i = 0; i < 600; i++) yield i === 500 ? { ...input, age: 'old' } : input;
    }
    const items = [];
    for await (const item of client.predictStream(records())) items.push(item);
    expect(items).toHaveLength(601);
    expect(items[500]).toMatchObject({ line: 501, problem: { errors: [{ fields: ['age'] }] } });
    expect(items.at(-1)).toMatchObject({ summary: { rows: 600, predicted: 599, refused: 1 } });
  });

  it('repeats a request safely under its key', async () => {
    const idempotencyKey = crypto.randomUUID();
    const { id } = await client.predict(input, { idempotencyKey });
    expect((await client.predict(input, { idempotencyKey })).id).toBe(id);
  });

  it('validates without predicting', async () => {
    expect(await client.validate({ ...input, age: 3 })).toMatchObject({ valid: false, errors: [{ rule: 'minimum' }] });
  });

  it('rejects with the problem, its fields and the request id', async () => {
    const error = await rejection(client.predict({ ...input, age: 3 }));
    expect(error).toMatchObject({
      status: 422,
      problem: { type: '/problems/invalid-record' },
      retryAfterSeconds: null,
    });
    expect(error.message).toContain('age: Must be at least 18');
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await rejection(clientOf(KEYS.read.key).predict(input))).toMatchObject({ status: 403 });
  });

  it('says so where something else answers', async () => {
    const other = createClient({
      url: 'http://localhost',
      fetch: async () => new Response('<p>Bad gateway', { status: 502 }),
    });
    expect(await rejection(other.model())).toMatchObject({
      status: 502,
      problem: null,
      message: 'HTTP 502: <p>Bad gateway',
    });
  });
});

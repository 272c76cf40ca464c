import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ErasureAnswer, PredictionPage } from '../../common/api/answers.ts';
import worker from '../index.ts';
import { connect } from '../store/database.ts';
import { erasures } from '../store/schema.ts';
import { get, readProblem, send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { activate, readModel } from '../test/models.ts';
import { made, store } from '../test/predictions.ts';

const UNKNOWN = '01a2088d-f1d4-7155-ad9e-59a6147c005e';
const DOWN = { DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' };
const database = connect(env.DATABASE_URL ?? '');

// An identifier is read as the serving model's contract writes it.
beforeAll(async () => activate(await readModel()));

const erase = (path: string, headers: Record<string, string> = {}) =>
  new Request(`http://localhost/v1/predictions${path}`, { method: 'DELETE', headers });

async function readErasure(response: Response): Promise<ErasureAnswer> {
  expect(response.status).toBe(200);
  return ErasureAnswer.parse(await response.json());
}

async function listed(identifier: number): Promise<string[]> {
  const page = PredictionPage.parse(await (await send(get(`/v1/predictions?identifier=${identifier}`))).json());
  return page.items.map(({ id }) => id);
}

async function auditOf(id: string) {
  return (await database().select().from(erasures).where(eq(erasures.id, id)))[0];
}

describe('DELETE /v1/predictions/{id}', () => {
  it('erases the prediction, and keeps who did it, by which request', async () => {
    const identifier = 76_000_001;
    const [one, other] = [made({ identifier }), made({ identifier })];
    await store(one, other);
    const erasure = await readErasure(await send(erase(`/${one.id}`, { 'x-request-id': 'erase-1' })));
    expect(erasure.predictions).toBe(1);
    expect(Math.abs(Date.parse(erasure.erasedAt) - Date.now())).toBeLessThan(60_000);
    expect(await listed(identifier)).toEqual([other.id]);
    expect(await auditOf(erasure.id)).toMatchObject({
      kind: 'prediction',
      keyId: 'all',
      requestId: 'erase-1',
      predictionId: one.id,
      identifier: null,
      predictions: 1,
    });
    await readProblem(await send(erase(`/${one.id}`)), 404, 'prediction-not-found');
  });

  it('answers 404 for an unknown id, and audits nothing; 422 for what is no id', async () => {
    const before = await database().$count(erasures);
    await readProblem(await send(erase(`/${UNKNOWN}`)), 404, 'prediction-not-found');
    await readProblem(await send(erase(`/${UNKNOWN}'--`)), 422, 'invalid-id');
    await readProblem(await send(erase("/1' or true --")), 422, 'invalid-id');
    expect(await database().$count(erasures)).toBe(before);
  });
});

describe('DELETE /v1/predictions?identifier=N', () => {
  it('erases all about an employee, also what is still in the queue, and nothing made later', async () => {
    const identifier = 76_000_002;
    const inQueue = made({ identifier });
    const other = made({ identifier: 76_000_003 });
    await store(made({ identifier }), made({ identifier }), other);
    const erasure = await readErasure(await send(erase(`?identifier=${identifier}`)));
    expect(erasure.predictions).toBe(2);
    expect(await listed(identifier)).toEqual([]);

    const later = made({ identifier, createdAt: erasure.erasedAt });
    const batch = createMessageBatch('futurisys-predictions-dev', [
      { id: 'm0', timestamp: new Date(), attempts: 1, body: [inQueue, later] },
    ]);
    await worker.queue(batch, env);
    expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toEqual(['m0']);
    expect(await listed(identifier)).toEqual([later.id]);
    expect(await listed(76_000_003)).toEqual([other.id]);
  });

  it('is audited although nothing was there', async () => {
    const erasure = await readErasure(await send(erase('?identifier=76000004')));
    expect(erasure.predictions).toBe(0);
    expect(await auditOf(erasure.id)).toMatchObject({ kind: 'identifier', keyId: 'all', predictions: 0 });
  });

  it.each([
    ['', ['identifier: required']],
    ['?identifier=', ['identifier: identifier']],
    ['?identifier=7 or true', ['identifier: identifier']],
    ['?identifier=7&identifier=8', ['identifier: given-once']],
    ['?identifier=7&label=leaves', ['label: unknown-parameter']],
    ['?label=leaves', ['label: unknown-parameter', 'identifier: required']],
  ])('erases nothing for "%s"', async (query, expected) => {
    const before = await database().$count(erasures);
    const { errors } = await readProblem(await send(erase(query)), 422, 'invalid-query');
    expect(errors?.map(({ fields, rule }) => `${fields.join('+')}: ${rule}`)).toEqual(expected);
    expect(await database().$count(erasures)).toBe(before);
  });
});

describe('an erasure', () => {
  it('answers 503 while the database cannot be reached, and 404 where nothing is recorded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    for (const path of ['?identifier=7', `/${UNKNOWN}`]) {
      await readProblem(await newIsolate(DOWN)(erase(path)), 503, 'database-unavailable');
      await readProblem(await newIsolate(WITHOUT_RECORDING)(erase(path)), 404, 'history-unavailable');
    }
  });

  it('leaves whom it is about out of the log', async () => {
    const lines = (['info', 'warn', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => undefined),
    );
    await newIsolate()(erase('?identifier=76000005'));
    await newIsolate(DOWN)(erase('?identifier=76000005'));
    const log = lines.flatMap((spy) => spy.mock.calls.flat()).join('\n');
    expect(log).toContain('"route":"/v1/predictions"');
    expect(log).toContain('request failed');
    expect(log).not.toContain('76000005');
  });
});

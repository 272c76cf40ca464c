import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { inArray, sql } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import { readMessage } from '../../common/history/prediction-message.ts';
import { OLD_MESSAGES } from '../../common/test/old-messages.ts';
import worker from '../index.ts';
import { connect } from '../store/database.ts';
import { predictions } from '../store/schema.ts';
import { changeEnv } from '../test/isolate.ts';
import { made } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';

const QUEUE = 'futurisys-predictions-dev';
const DATABASE_URL = ownDatabaseUrl();
const database = connect(DATABASE_URL);

async function deliver(bodies: unknown[], bindings: Env = changeEnv({ DATABASE_URL }), attempts = 1) {
  const batch = createMessageBatch(
    QUEUE,
    bodies.map((body, i) => ({ id: `m${i}`, timestamp: new Date(), attempts, body })),
  );
  const retries = batch.messages.map((message) => vi.spyOn(message, 'retry'));
  const statements = countRequests(bindings.DATABASE_URL);
  const context = createExecutionContext();
  await worker.queue(batch, bindings);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return {
    acknowledged: explicitAcks,
    retried: retryMessages.map(({ msgId }) => msgId),
    retries,
    statements: statements(),
  };
}

async function stored(ids: string[]) {
  return database().select().from(predictions).where(inArray(predictions.id, ids));
}

describe('the predictions queue', () => {
  it('stores a batch and acknowledges each message', async () => {
    const batch = [made(), made({ identifier: null })];
    expect(await deliver(batch)).toMatchObject({ acknowledged: ['m0', 'm1'], retried: [], statements: 1 });
    const rows = await stored(batch.map(({ id }) => id));
    expect(rows).toHaveLength(2);
    expect(rows.find(({ id }) => id === batch[0]?.id)).toMatchObject({
      createdAt: new Date(batch[0]?.createdAt ?? ''),
      identifier: 7,
      modelVersion: '1.2.3',
      input: batch[0]?.input,
      probability: 0.625,
    });
  });

  it('stores a message that is delivered twice once, as it first was', async () => {
    const first = made();
    await deliver([first, first]);
    expect(await deliver([{ ...first, probability: 0.1 }])).toMatchObject({ acknowledged: ['m0'] });
    expect(await stored([first.id])).toMatchObject([{ probability: 0.625 }]);
  });

  it('stores every prediction of a message, and takes the single ones that older code sent', async () => {
    const batch = [made(), made(), made()];
    expect(await deliver([batch.slice(0, 2), batch[2], []])).toMatchObject({
      acknowledged: ['m0', 'm1', 'm2'],
      statements: 1,
    });
    expect(await stored(batch.map(({ id }) => id))).toHaveLength(3);
  });

  it('stores what older code sent without a key', async () => {
    const { keyId: _, ...older } = made();
    await deliver([older]);
    expect(await stored([older.id])).toMatchObject([{ keyId: null }]);
  });

  it('stores the others, and the rest of the message, when a prediction cannot be read, and tries that again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const good = [made(), made()];
    const result = await deliver([[{ not: 'a prediction' }, good[0]], good[1]]);
    expect(result).toMatchObject({ acknowledged: ['m1'], retried: ['m0'] });
    expect(await stored(good.map(({ id }) => id))).toHaveLength(2);
  });

  it.each(Object.entries(OLD_MESSAGES))(
    'stores what older code sent without a digest of the contract: %s',
    async (_form, body) => {
      const ids = readMessage(body).predictions.map(({ id }) => id);
      await database().delete(predictions).where(inArray(predictions.id, ids));
      expect(await deliver([body])).toMatchObject({ acknowledged: ['m0'], retried: [] });
      const rows = await stored(ids);
      expect(rows.map(({ contractSha256 }) => contractSha256)).toEqual(ids.map(() => null));
      expect(rows).toMatchObject(ids.map(() => ({ modelVersion: '1.0.0', threshold: 0.32, keyId: 'hr-app' })));
    },
  );

  it('tries a message of a newer schema again, and stores the others', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const [good, newer] = [made(), { ...made(), schemaVersion: 4 }];
    expect(await deliver([good, newer])).toMatchObject({ acknowledged: ['m0'], retried: ['m1'] });
    expect(await stored([good.id, newer.id])).toMatchObject([{ id: good.id }]);
    expect(error.mock.calls.flat().join()).toContain('schema version 4');
  });

  describe('that Postgres refuses', () => {
    // Postgres' jsonb cannot hold the character U+0000: a refusal that no retry mends.
    const refused = made({ input: { name: 'a\u0000b' } });

    it('is set aside at once, with the reason, and the others are stored', async () => {
      const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const good = [made(), made()];
      expect(await deliver([[good[0], refused], good[1]])).toMatchObject({ acknowledged: ['m0', 'm1'], retried: [] });
      expect(await stored(good.map(({ id }) => id))).toHaveLength(2);
      const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
      const letter = await env.DEAD_LETTERS?.get(`unreplayable/${today}/m0.json`);
      expect(await letter?.json()).toEqual({
        messageId: 'm0',
        receivedAt: expect.any(String),
        body: [refused],
        reason: expect.stringMatching(/unicode|\\u0000/i),
      });
      expect(error.mock.calls.flat().join()).toContain('predictions refused');
    });

    it('is delivered again while it cannot be set aside', async () => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const DEAD_LETTERS = { put: () => Promise.reject(new Error('R2 is down')) };
      expect(await deliver([refused], changeEnv({ DATABASE_URL, DEAD_LETTERS }))).toMatchObject({ retried: ['m0'] });
    });
  });

  it('retries all, with a delay that grows, while the database is down, and logs no personal data', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const down = { ...env, DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' };
    const { acknowledged, retried, retries, statements } = await deliver([made(), made()], down);
    expect([acknowledged, retried, statements]).toEqual([[], ['m0', 'm1'], 1]);
    expect(retries[0]).toHaveBeenCalledWith({ delaySeconds: 2 });
    const log = error.mock.calls.flat().join();
    expect(log).toContain('predictions not stored');
    expect(log).not.toMatch(/secret-word|Développeur/);
  });
});

describe('a message that cannot be stored', () => {
  it.each([
    [1, 2],
    [2, 4],
    [3, 8],
    [8, 256],
    [9, 300],
    [20, 300],
  ])('comes again, the %i. time after %i s', async (attempts, delaySeconds) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const down = { ...env, DATABASE_URL: 'postgres://postgres:x@127.0.0.1:9/postgres' };
    const { retries } = await deliver([made()], down, attempts);
    expect(retries[0]?.mock.calls).toEqual([[{ delaySeconds }]]);
  });
});

describe('a queue that cannot be consumed', () => {
  it('is delivered again later, rather than at once', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const batch = createMessageBatch(QUEUE, [{ id: 'm0', timestamp: new Date(), attempts: 1, body: made() }]);
    const retryAll = vi.spyOn(batch, 'retryAll');
    await worker.queue(batch, { ...env, DATABASE_URL: 'mysql://u:secret-word@h/d' });
    expect(retryAll).toHaveBeenCalledWith({ delaySeconds: 300 });
    expect(error.mock.calls.flat().join()).toMatch(/queue not consumed.*DATABASE_URL/);
    expect(error.mock.calls.flat().join()).not.toContain('secret-word');
  });

  it('is not split into single inserts when the table is missing', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await database().execute(sql`alter table predictions rename to elsewhere`);
    try {
      const result = await deliver([made(), made(), made()]);
      expect(result).toMatchObject({ acknowledged: [], retried: ['m0', 'm1', 'm2'], statements: 1 });
    } finally {
      await database().execute(sql`alter table elsewhere rename to predictions`);
    }
  });
});

describe('the table', () => {
  it.each([
    ['a probability above 1', sql`update predictions set probability = 1.5`],
    ['a threshold below 0', sql`update predictions set threshold = -0.5`],
  ])('refuses %s', async (_title, statement) => {
    await deliver([made()]);
    await expect(database().execute(statement)).rejects.toMatchObject({ cause: { code: '23514' } });
  });
});

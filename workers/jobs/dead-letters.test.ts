import { createExecutionContext, createMessageBatch, createScheduledController, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { inArray } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Prediction } from '../../common/history/prediction.ts';
import worker from '../index.ts';
import { connect } from '../store/database.ts';
import { deadLettersInBucket } from '../store/dead-letter-bucket.ts';
import type { DeadLetterStore } from '../store/dead-letters.ts';
import { createHistory } from '../store/history.ts';
import { predictions } from '../store/schema.ts';
import { made } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';
import { keepDeadLetters, removeUnreplayable, replaySome } from './dead-letters.ts';

/** As many as wrangler.toml has, and Queues allows. */
const MAX_RETRIES = 100;
const DATABASE_URL = ownDatabaseUrl();
const database = connect(DATABASE_URL);
const bucket = env.DEAD_LETTERS ?? fail();
const box = deadLettersInBucket(bucket);
const DOWN = { ...env, DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' };

beforeEach(async () => {
  for (const { key } of (await bucket.list()).objects) await bucket.delete(key);
  for (const level of ['error', 'warn', 'info'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});

function fail(): never {
  throw new Error('the tests need the R2 bucket DEAD_LETTERS');
}

const batchOf = (bodies: readonly unknown[], attempts = 1) =>
  createMessageBatch(
    'futurisys-predictions-dev-dead',
    bodies.map((body, i) => ({ id: `m${i}`, timestamp: new Date(), attempts, body })),
  );

async function deliver(bodies: unknown[], bindings: Env = env) {
  const batch = batchOf(bodies);
  await worker.queue(batch, bindings);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return { acknowledged: explicitAcks, retried: retryMessages.map(({ msgId }) => msgId) };
}

const replay = (bindings: Env = env) => worker.scheduled(createScheduledController(), bindings);
const keys = async (prefix = '') => (await bucket.list({ prefix })).objects.map(({ key }) => key);
const stored = async (made: Prediction[]) =>
  (
    await database()
      .select()
      .from(predictions)
      .where(
        inArray(
          predictions.id,
          made.map(({ id }) => id),
        ),
      )
  ).length;

describe('dead letters', () => {
  it('are kept by the day, then stored by the cron and removed', async () => {
    const letters = [made(), made()];
    expect(await deliver(letters)).toEqual({ acknowledged: ['m0', 'm1'], retried: [] });
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    expect(await keys()).toEqual([`dead-letters/${today}/m0.json`, `dead-letters/${today}/m1.json`]);
    expect(await stored(letters)).toBe(0);
    await replay();
    expect([await stored(letters), await keys()]).toEqual([2, []]);
  });

  it('are delivered again later when they cannot be kept', async () => {
    const put = () => Promise.reject(new Error('R2 is down'));
    expect(await deliver([made()], { ...env, DEAD_LETTERS: { ...bucket, put } as R2Bucket })).toEqual({
      acknowledged: [],
      retried: ['m0'],
    });
  });

  it('are delivered again for longer than a queue can be told to keep them', async () => {
    const delays: number[] = [];
    const broken: DeadLetterStore = { ...box, write: () => Promise.reject(new Error('R2 is down')) };
    for (let attempts = 1; attempts <= MAX_RETRIES; attempts++) {
      const batch = batchOf([made()], attempts);
      for (const message of batch.messages)
        vi.spyOn(message, 'retry').mockImplementation(({ delaySeconds = 0 } = {}) => void delays.push(delaySeconds));
      await keepDeadLetters(batch, broken, new Date());
    }
    expect(delays.slice(0, 3)).toEqual([300, 600, 1200]);
    expect(delays.reduce((a, b) => a + b)).toBeGreaterThan(14 * 24 * 60 * 60);
  });

  it('are stored together, and many in one run', async () => {
    const letters = Array.from({ length: 130 }, () => made());
    for (const [i, body] of letters.entries()) {
      const letter = { messageId: `m${i}`, receivedAt: '2026-01-31T12:00:00.000Z', body };
      await bucket.put(`dead-letters/2026/01/31/m${i}.json`, JSON.stringify(letter));
    }
    const requests = countRequests(DATABASE_URL);
    await replaySome(box, database);
    // Twenty-five letters a request.
    expect(requests()).toBe(6);
    expect([await stored(letters), await keys()]).toEqual([130, []]);
  });

  it('are kept although the rest is misconfigured', async () => {
    const misconfigured = { ...env, DATABASE_URL: 'mysql://u:p@h/d', REQUEST_LIMIT: undefined } as unknown as Env;
    expect(await deliver([made()], misconfigured)).toEqual({ acknowledged: ['m0'], retried: [] });
    expect((await keys('dead-letters/')).length).toBe(1);
  });

  it('wait while the database is down', async () => {
    const letters = [made(), made()];
    await deliver(letters);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await replay(DOWN);
    expect((await keys('dead-letters/')).length).toBe(2);
    const backlog = warn.mock.calls.flat().find((line) => String(line).includes('"backlog"'));
    expect(JSON.parse(String(backlog))).toMatchObject({ waiting: 2, unreplayable: 0, queued: expect.any(Number) });
    await replay();
    expect(await stored(letters)).toBe(2);
  });

  it('that can never be stored are set aside with the reason, and do not hold up the others', async () => {
    const good = made();
    await deliver([{ not: 'a prediction' }, made({ input: { name: 'a\u0000b' } }), good]);
    const [folder] = (await keys()).map((key) => key.slice(0, -'m0.json'.length));
    await bucket.put(`${folder}cut.json`, '{"messageId":');
    await replay();
    expect([await stored([good]), await keys('dead-letters/')]).toEqual([1, []]);
    const aside = await keys('unreplayable/');
    expect(aside.map((key) => key.split('/').at(-1))).toEqual(['cut.json', 'm0.json', 'm1.json']);
    const [unread, , refused] = await Promise.all(aside.map(async (key) => (await bucket.get(key))?.text()));
    expect(unread).toBe('{"messageId":');
    expect(JSON.parse(refused ?? '')).toMatchObject({ reason: expect.stringMatching(/unicode|\\u0000/i) });
  });

  it('are stored but for what of them is refused, which alone is set aside', async () => {
    const good = [made(), made()];
    const refused = made({ label: 'a\u0000b' });
    await deliver([[good[0], { not: 'a prediction' }, refused, good[1]]]);
    await replay();
    expect([await stored(good), await keys('dead-letters/')]).toEqual([2, []]);
    const [aside, ...others] = await keys('unreplayable/');
    expect(others).toEqual([]);
    const letter = await (await bucket.get(aside ?? ''))?.json();
    expect(letter).toEqual({
      messageId: 'm0',
      receivedAt: expect.any(String),
      body: [{ not: 'a prediction' }, refused],
      reason: expect.any(String),
    });
  });

  it('do not bring back what was erased', async () => {
    const letter = made({ identifier: 73_000_001 });
    await deliver([[letter]]);
    const history = createHistory(database, { now: () => new Date(Date.now() + 1000), newId: uuidv7 });
    await history.eraseIdentifier(73_000_001, { keyId: null, requestId: 'r1' });
    await replay();
    expect([await stored([letter]), await keys()]).toEqual([0, []]);
  });

  it('that still wait are reported', async () => {
    expect(await replaySome(box, database)).toBe(false);
    await deliver([[made()]]);
    expect(await replaySome(box, connect(DOWN.DATABASE_URL))).toBe(true);
    expect(await replaySome(box, database)).toBe(false);
  });

  it('that could never be stored are removed after a time', async () => {
    for (const day of ['2026/01/30', '2026/01/31']) await bucket.put(`unreplayable/${day}/m.json`, '{}');
    await removeUnreplayable(box, new Date('2026-01-31T23:00:00Z'));
    expect(await keys()).toEqual(['unreplayable/2026/01/31/m.json']);
  });

  it('that were stored already are removed all the same', async () => {
    const letter = made();
    await deliver([letter]);
    await replay();
    await deliver([letter]);
    await replay();
    expect([await stored([letter]), await keys()]).toEqual([1, []]);
  });
});

import { createScheduledController } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { count, eq, inArray, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import worker from '../index.ts';
import { connect } from '../store/database.ts';
import { createHistory } from '../store/history.ts';
import { insertPredictions } from '../store/insert-predictions.ts';
import { erasures, idempotencyKeys, outcomes, predictions } from '../store/schema.ts';
import { made } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';
import { deleteOldIdempotencyKeys, eraseOldPredictions, keptSince } from './retention.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DATABASE_URL = ownDatabaseUrl();
const database = connect(DATABASE_URL);
const bucket = env.DEAD_LETTERS ?? fail();
const history = createHistory(database, { now: () => new Date(), newId: uuidv7 });

beforeEach(async () => {
  for (const { key } of (await bucket.list()).objects) await bucket.delete(key);
  for (const level of ['error', 'info'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation(() => undefined);
    logged[level] = () => spy.mock.calls.flat().join('\n');
  }
});

/** What was logged. */
const logged = { error: () => '', info: () => '' };

function fail(): never {
  throw new Error('the tests need the R2 bucket DEAD_LETTERS');
}

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const madeDaysAgo = (days: number) => made({ createdAt: daysAgo(days).toISOString() });
const runCron = (bindings: Partial<Record<keyof Env, unknown>> = {}) =>
  worker.scheduled(createScheduledController(), { ...env, ...bindings } as Env);

async function kept(...made: { id: string }[]): Promise<string[]> {
  const ids = made.map(({ id }) => id);
  const rows = await database().select({ id: predictions.id }).from(predictions).where(inArray(predictions.id, ids));
  return rows.map(({ id }) => id);
}

async function audited() {
  return database().select().from(erasures).where(eq(erasures.kind, 'retention'));
}

describe('old predictions', () => {
  it('are erased by the cron with their outcomes, and audited', async () => {
    await database()
      .delete(predictions)
      .where(lt(predictions.createdAt, daysAgo(80)));
    const [old, recent] = [madeDaysAgo(91), madeDaysAgo(89)];
    await insertPredictions(database, [old, recent]);
    await history.putOutcome(old.id, { label: 'stays', observedOn: '2026-01-01' }, null);
    const before = await audited();
    await runCron({ RETENTION_DAYS: 90 });
    expect(await kept(old, recent)).toEqual([recent.id]);
    expect(await database().select().from(outcomes).where(eq(outcomes.predictionId, old.id))).toEqual([]);
    const [audit, ...others] = (await audited()).filter(({ id }) => !before.some((known) => known.id === id));
    expect(others).toEqual([]);
    expect(audit).toMatchObject({ predictions: 1, keyId: null, requestId: null, predictionId: null, identifier: null });
    expect(Math.abs((audit?.madeBefore?.getTime() ?? 0) - daysAgo(90).getTime())).toBeLessThan(60_000);
  });

  it('are not looked for where all are kept', async () => {
    const old = madeDaysAgo(5000);
    await insertPredictions(database, [old]);
    await runCron({ RETENTION_DAYS: undefined });
    expect(await kept(old)).toEqual([old.id]);
  });

  it('leave no audit where there are none', async () => {
    const before = await audited();
    await eraseOldPredictions(database, new Date('1990-01-01'), { now: new Date(), newId: uuidv7 });
    expect(await audited()).toEqual(before);
  });

  it('are erased 10,000 a run, the oldest first, under one audit row', async () => {
    // Made up in the database: 10,100 rows, one a minute, the first one the newest.
    await database().execute(sql`
      insert into predictions (id, created_at, model_name, model_version, model_sha256, input, label, probability, threshold, risk, warnings)
      select gen_random_uuid(), timestamptz '1980-06-01' - n * interval '1 minute', 'm', '1.0.0', repeat('a', 64), '{}', 'a', 0.5, 0.5, 'r', '[]'
      from generate_series(1, 10100) n`);
    const made = lt(predictions.createdAt, new Date('1980-06-01'));
    const id = uuidv7();
    const requests = countRequests(DATABASE_URL);
    await eraseOldPredictions(database, new Date('1981-01-01'), { now: new Date(), newId: () => id });
    expect(requests()).toBe(5);
    const [left] = await database()
      .select({ count: count(), oldest: sql`min(created_at)`.mapWith(predictions.createdAt) })
      .from(predictions)
      .where(made);
    expect(left).toEqual({ count: 100, oldest: new Date(Date.UTC(1980, 5, 1) - 100 * 60_000) });
    expect(await database().select().from(erasures).where(eq(erasures.id, id))).toMatchObject([
      { kind: 'retention', predictions: 10_000, madeBefore: new Date('1981-01-01') },
    ]);
    await eraseOldPredictions(database, new Date('1981-01-01'), { now: new Date(), newId: uuidv7 });
    expect(await database().$count(predictions, made)).toBe(0);
  });

  it('are those made before the same time of day', () => {
    expect(keptSince(new Date('2026-03-31T12:00:00Z'), 90)).toEqual(new Date('2025-12-31T12:00:00Z'));
  });
});

describe('what an erasure remembers', () => {
  const by = { keyId: 'hr', requestId: 'r1' };
  const eraseDaysAgo = (days: number, identifier: number) =>
    createHistory(database, { now: () => daysAgo(days), newId: uuidv7 }).eraseIdentifier(identifier, by);
  const identifierOf = async (erasure: { id: string }) =>
    (await database().select().from(erasures).where(eq(erasures.id, erasure.id)))[0]?.identifier;

  it('is forgotten after 30 days, and the audit stays', async () => {
    const [old, recent] = [await eraseDaysAgo(31, 74_000_001), await eraseDaysAgo(29, 74_000_002)];
    await runCron();
    expect([await identifierOf(old), await identifierOf(recent)]).toEqual([null, 74_000_002]);
    expect(logged.info()).not.toContain('7400000');
  });

  it('is not forgotten while dead letters wait, or may', async () => {
    const old = await eraseDaysAgo(31, 74_000_003);
    await runCron({ DEAD_LETTERS: { ...bucket, list: () => Promise.reject(new Error('R2 is down')) } });
    expect(await identifierOf(old)).toBe(74_000_003);
    await runCron();
    expect(await identifierOf(old)).toBeNull();
  });
});

describe('idempotency keys', () => {
  const claim = (claimedAt: Date) => ({ key: uuidv7(), fingerprint: 'f', model: 'm/1.0.0', claimedAt });
  const found = async (keys: { key: string }[]) => {
    const rows = await database().select().from(idempotencyKeys);
    return keys.filter(({ key }) => rows.some((row) => row.key === key));
  };

  it('are deleted after a day', async () => {
    const keys = [claim(daysAgo(1.01)), claim(daysAgo(0.99))];
    await database().insert(idempotencyKeys).values(keys);
    await runCron();
    expect(await found(keys)).toEqual([keys[1]]);
  });

  it('are deleted 10,000 a run', async () => {
    await database().execute(sql`
      insert into idempotency_keys (key, fingerprint, model, claimed_at)
      select 'k' || n, 'f', 'm/1.0.0', timestamptz '1980-01-01' from generate_series(1, 10050) n`);
    await deleteOldIdempotencyKeys(database, new Date());
    expect(await database().$count(idempotencyKeys, eq(idempotencyKeys.fingerprint, 'f'))).toBeGreaterThanOrEqual(50);
    await deleteOldIdempotencyKeys(database, new Date());
    expect(await database().$count(idempotencyKeys, lt(idempotencyKeys.claimedAt, daysAgo(1)))).toBe(0);
  });
});

describe('a part of the cron that fails', () => {
  it('does not keep the others from running: R2 is down', async () => {
    const old = madeDaysAgo(400);
    await insertPredictions(database, [old]);
    const list = () => Promise.reject(new Error('R2 is down'));
    await runCron({ DEAD_LETTERS: { ...bucket, list } });
    expect(await kept(old)).toEqual([]);
    expect(logged.error()).toMatch(/"job failed","job":"replay dead letters","cause":"R2 is down"/);
    expect(logged.error()).toMatch(/"job":"remove unreplayable letters"/);
  });

  it('does not keep the others from running: the database is down', async () => {
    await bucket.put('unreplayable/2020/01/01/m.json', '{}');
    await runCron({ DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' });
    expect((await bucket.list()).objects).toEqual([]);
    expect(logged.error()).toMatch(/"job":"erase old predictions"[\s\S]*"job":"delete idempotency keys"/);
    expect(logged.error()).not.toContain('secret-word');
  });
});

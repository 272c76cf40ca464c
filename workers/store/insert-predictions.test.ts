import { inArray } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { BinaryPrediction } from '../../common/test/prediction.ts';
import { made } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';
import { connect } from './database.ts';
import { createHistory } from './history.ts';
import { insertPredictions } from './insert-predictions.ts';
import { predictions } from './schema.ts';

const DATABASE_URL = ownDatabaseUrl();
const database = connect(DATABASE_URL);
const BY = { keyId: 'hr', requestId: 'r1' };

const many = (count: number, changes: Partial<BinaryPrediction> = {}) =>
  Array.from({ length: count }, () => made(changes));

async function stored(batch: readonly BinaryPrediction[]): Promise<string[]> {
  const found: string[] = [];
  for (let start = 0; start < batch.length; start += 5000) {
    const ids = batch.slice(start, start + 5000).map(({ id }) => id);
    const rows = await database().select({ id: predictions.id }).from(predictions).where(inArray(predictions.id, ids));
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}

describe('inserting predictions', () => {
  it('takes one request for two thousand', async () => {
    const batch = many(4100);
    const requests = countRequests(DATABASE_URL);
    expect(await insertPredictions(database, batch)).toEqual(new Map());
    expect(requests()).toBe(3);
    expect(await stored(batch)).toHaveLength(4100);
  });

  it('stores all but those that Postgres refuses, and says why', async () => {
    const refused = [made({ input: { name: 'a\u0000b' } }), made({ label: 'a\u0000b' })] as const;
    const good = many(60);
    const batch = [...good.slice(0, 20), refused[0], ...good.slice(20, 50), refused[1], ...good.slice(50)];
    const requests = countRequests(DATABASE_URL);
    const reasons = await insertPredictions(database, batch);
    expect([...reasons.keys()]).toEqual(refused);
    expect(reasons.get(refused[0])).toMatchObject({ code: '22P05' });
    expect(requests()).toBeLessThan(30);
    expect(await stored(good)).toHaveLength(60);
  });

  it('refuses those of a model that is not the one which the version is known by, in two requests', async () => {
    const version = `1.0.${Date.now()}`;
    const of = (sha256: string) => ({
      model: { name: 'made-up', version, sha256: sha256.repeat(64), contractSha256: null },
    });
    expect(await insertPredictions(database, many(2, of('a')))).toEqual(new Map());
    const [good, others] = [many(40, of('a')), many(60, of('b'))];
    const requests = countRequests(DATABASE_URL);
    const reasons = await insertPredictions(database, [...others.slice(0, 30), ...good, ...others.slice(30)]);
    expect(requests()).toBe(2);
    expect([...reasons.keys()]).toEqual(others);
    expect(await stored(good)).toHaveLength(40);
  });

  it('refuses those of another contract than the one which the version is known by, in two requests', async () => {
    const version = `1.1.${Date.now()}`;
    const of = (digest: string | null) => ({
      model: { name: 'made-up', version, sha256: 'a'.repeat(64), contractSha256: digest?.repeat(64) ?? null },
    });
    expect(await insertPredictions(database, many(2, of('a')))).toEqual(new Map());
    const [good, old, others] = [many(40, of('a')), many(5, of(null)), many(60, of('b'))];
    const requests = countRequests(DATABASE_URL);
    const reasons = await insertPredictions(database, [...others.slice(0, 30), ...good, ...old, ...others.slice(30)]);
    expect(requests()).toBe(2);
    expect([...reasons.keys()]).toEqual(others);
    expect(await stored([...good, ...old])).toHaveLength(45);
  });

  it('rejects at once while the database cannot be reached', async () => {
    const url = 'postgres://postgres:secret-word@127.0.0.1:9/postgres';
    const down = connect(url);
    const requests = countRequests(url);
    await expect(insertPredictions(down, many(5000))).rejects.toThrow();
    expect(requests()).toBe(1);
  });

  it('has nothing to do for none', async () => {
    expect(await insertPredictions(database, [])).toEqual(new Map());
  });
});

describe('predictions that were erased before they came', () => {
  const identifier = 71_000_001;
  const erasedAt = new Date('2026-03-01T12:00:00.000Z');
  const history = createHistory(database, { now: () => erasedAt, newId: uuidv7 });

  it('are not kept: those about an employee, made before the erasure', async () => {
    expect(await history.eraseIdentifier(identifier, BY)).toMatchObject({ predictions: 0, erasedAt });
    const late = many(3, { identifier, createdAt: '2026-03-01T11:59:59.999Z' });
    const later = made({ identifier, createdAt: erasedAt.toISOString() });
    const others = [
      made({ identifier: identifier + 1, createdAt: '2026-03-01T11:00:00.000Z' }),
      made({ identifier: null }),
    ];
    expect(await insertPredictions(database, [...late, later, ...others])).toEqual(new Map());
    expect((await stored([...late, later, ...others])).sort()).toEqual([later, ...others].map(({ id }) => id).sort());
  });

  it('are not kept: one that was erased by its id, delivered again', async () => {
    const batch = many(2);
    const [erased, kept] = batch;
    await insertPredictions(database, batch);
    expect(await history.erase(erased?.id ?? '', BY)).toMatchObject({ predictions: 1 });
    await insertPredictions(database, batch);
    expect(await stored(batch)).toEqual([kept?.id]);
  });
});

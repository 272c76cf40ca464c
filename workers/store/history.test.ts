import { env } from 'cloudflare:workers';
import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { binary } from '../../common/test/binary.ts';
import { ANY, type BinaryPrediction } from '../../common/test/prediction.ts';
import type { Cursor, HistoryFilter, HistorySort } from '../ports.ts';
import { made } from '../test/predictions.ts';
import { connect } from './database.ts';
import { createHistory } from './history.ts';
import { insertPredictions } from './insert-predictions.ts';
import { neonClient } from './neon-client.ts';
import { erasures, outcomes } from './schema.ts';

const database = connect(env.DATABASE_URL ?? '');
let clock = new Date('2026-05-01T10:00:00.000Z');
const history = createHistory(database, { now: () => clock, newId: uuidv7 });
const BY = { keyId: 'hr', requestId: 'r1' };
const UNKNOWN = '01a2088d-f1d4-7155-ad9e-59a6147c005e';

let nextIdentifier = 72_000_000;
/** Stores predictions about an employee of their own. */
async function store(
  changes: Partial<BinaryPrediction>[],
): Promise<{ identifier: number; stored: BinaryPrediction[] }> {
  const identifier = nextIdentifier++;
  const stored = changes.map((change) => made({ identifier, ...change }));
  expect(await insertPredictions(database, stored)).toEqual(new Map());
  return { identifier, stored };
}

async function storeOne(changes: Partial<BinaryPrediction> = {}): Promise<BinaryPrediction> {
  const { stored } = await store([changes]);
  return stored[0] ?? made();
}

async function readAll(
  filter: HistoryFilter,
  limit: number,
  between: () => Promise<unknown> = async () => {},
  sort: HistorySort = 'time',
) {
  const pages: string[][] = [];
  let after: Cursor | null = null;
  for (;;) {
    const page = await history.list(filter, after, limit, sort);
    if (page.length === 0) return pages;
    pages.push(page.map(({ prediction }) => prediction.id));
    const last = page.at(-1)?.prediction;
    after = last ? { createdAt: new Date(last.createdAt), id: last.id, sorted: binary(last).probability } : null;
    await between();
  }
}

describe('the list', () => {
  it('gives back what was stored, whole', async () => {
    const warnings: BinaryPrediction['warnings'] = [
      { fields: ['age'], code: 'outside-training-range', message: { fr: 'Hors.', en: 'Outside.' } },
    ];
    const { identifier, stored } = await store([{ keyId: 'hr', warnings, probability: 0.1 + 0.2 }]);
    expect(await history.list({ ...ANY, identifier }, null, 10)).toEqual([{ prediction: stored[0], outcome: null }]);
  });

  it('is in one order, the newest first, page by page, although many have the same time', async () => {
    const createdAt = '2026-04-01T00:00:00.123Z';
    const { identifier, stored } = await store([
      ...Array.from({ length: 7 }, () => ({ createdAt })),
      { createdAt: '2026-04-01T00:00:00.124Z' },
      { createdAt: '2026-04-01T00:00:00.122Z' },
    ]);
    const expected = stored.toSorted((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1)).map(({ id }) => id);
    const pages = await readAll({ ...ANY, identifier }, 2);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 2, 1]);
    expect(pages.flat()).toEqual(expected);
  });

  it('is in the order of the probabilities, the highest first, page by page, although some are equal', async () => {
    const probabilities = [0.1 + 0.2, 0.9, 0.3, 0.9, 0, 1, 0.9, 1 / 3];
    const { identifier, stored } = await store(
      probabilities.map((probability, i) => ({ probability, createdAt: `2026-04-04T00:00:0${i}.000Z` })),
    );
    const newestFirst = stored.toReversed();
    const expected = newestFirst.toSorted((a, b) => b.probability - a.probability).map(({ id }) => id);
    for (const limit of [1, 3, 20]) {
      const pages = await readAll({ ...ANY, identifier }, limit, undefined, 'probability');
      expect(pages.flat()).toEqual(expected);
    }
  });

  it('neither repeats nor skips anything while predictions are stored', async () => {
    const { identifier, stored } = await store(
      Array.from({ length: 6 }, (_, i) => ({ createdAt: `2026-04-02T00:00:0${i}.000Z` })),
    );
    const newer = () => insertPredictions(database, [made({ identifier, createdAt: '2026-04-02T01:00:00.000Z' })]);
    const pages = await readAll({ ...ANY, identifier }, 2, newer);
    expect(pages.flat()).toEqual(stored.map(({ id }) => id).reverse());
  });

  it.each([
    [{ from: new Date('2026-04-03T12:00:00Z') }, [0, 1]],
    [{ to: new Date('2026-04-03T12:00:00Z') }, [2]],
    [{ from: new Date('2026-04-03T12:00:00Z'), to: new Date('2026-04-03T13:00:00Z') }, [1]],
    [{ modelVersion: '2.0.0' }, [1]],
    [{ label: 'stays' }, [2]],
    [{ risk: 'low' }, [2]],
    [{ label: 'stays', risk: 'high' }, []],
    [{ label: "stays' or true --" }, []],
    [{ risk: '%' }, []],
  ])('has only what matches %j', async (filter, expected) => {
    const { identifier, stored } = await store([
      { createdAt: '2026-04-03T13:00:00.000Z' },
      {
        createdAt: '2026-04-03T12:00:00.000Z',
        model: { name: 'made-up', version: '2.0.0', sha256: 'b'.repeat(64), contractSha256: null },
      },
      { createdAt: '2026-04-03T11:59:59.999Z', label: 'stays', risk: 'low' },
    ]);
    const found = await history.list({ ...ANY, identifier, ...filter }, null, 10);
    expect(found.map(({ prediction }) => prediction.id)).toEqual(expected.map((i) => stored[i]?.id));
  });

  it.each([
    ['of all', ANY, 'predictions_history'],
    ['about an employee', { ...ANY, identifier: nextIdentifier }, 'predictions_identifier_history'],
  ])('finds the page after a cursor by an index: %s', async (_title, filter, index) => {
    const requests = vi.spyOn(globalThis, 'fetch');
    await history.list(filter, { createdAt: clock, id: UNKNOWN, sorted: 0 }, 50);
    const { query, params } = JSON.parse(String(requests.mock.calls[0]?.[1]?.body));
    const plan = await neonClient(env.DATABASE_URL ?? '').query(`explain (costs off) ${query}`, params);
    const lines = plan.map((row) => String(row['QUERY PLAN']).trim());
    const scan = lines.findIndex((line) => line.includes(` ${index}`));
    expect(lines[scan + 1], lines.join('\n')).toMatch(/^Index Cond: .*ROW\(created_at, id\) </);
  });
});

describe('an outcome', () => {
  const leaves = { label: 'leaves', observedOn: '2026-04-30' };
  const stays = { label: 'stays', observedOn: '2026-05-01' };

  it('is kept when another one replaces it; the list shows the latest', async () => {
    const { identifier, stored } = await store([{}, {}]);
    const id = stored[0]?.id ?? '';
    clock = new Date('2026-05-01T10:00:00.000Z');
    expect(await history.putOutcome(id, leaves, 'hr')).toEqual({
      ...leaves,
      recordedAt: '2026-05-01T10:00:00.000Z',
      keyId: 'hr',
    });
    clock = new Date('2026-05-02T10:00:00.000Z');
    await history.putOutcome(id, stays, null);
    await history.putOutcome(id, leaves, 'hr');
    const found = await history.find(id);
    expect(found?.outcomes.map((it) => 'label' in it && it.label)).toEqual(['leaves', 'stays', 'leaves']);
    const listed = await history.list({ ...ANY, identifier }, null, 10);
    expect(listed.map(({ prediction, outcome }) => [prediction.id, outcome])).toEqual([
      [stored[1]?.id, null],
      [id, found?.outcomes[0]],
    ]);
  });

  it('that is recorded where the clock is behind is still the latest', async () => {
    const { id } = await storeOne();
    clock = new Date('2026-05-01T10:00:00.500Z');
    await history.putOutcome(id, leaves, null);
    clock = new Date('2026-05-01T10:00:00.000Z');
    expect(await history.putOutcome(id, stays, null)).toMatchObject({
      label: 'stays',
      recordedAt: '2026-05-01T10:00:00.501Z',
    });
  });

  it('is recorded once, however often and by how many it is sent', async () => {
    const { id } = await storeOne();
    const first = await history.putOutcome(id, stays, 'hr');
    clock = new Date(clock.getTime() + 60_000);
    const again = await Promise.all(['hr', 'other', null].map((keyId) => history.putOutcome(id, stays, keyId)));
    expect(again).toEqual([first, first, first]);
    const atOnce = await Promise.all(Array.from({ length: 5 }, () => history.putOutcome(id, leaves, null)));
    expect(new Set(atOnce.map((entry) => JSON.stringify(entry))).size).toBe(1);
    expect((await history.find(id))?.outcomes).toHaveLength(2);
  });

  it('of an unknown prediction is null', async () => {
    expect(await history.putOutcome(UNKNOWN, stays, null)).toBeNull();
  });
});

describe('an erasure', () => {
  const auditOf = async (id: string) => (await database().select().from(erasures).where(eq(erasures.id, id)))[0];

  it('takes the prediction and its outcomes, and leaves an audit row', async () => {
    const { id } = await storeOne();
    await history.putOutcome(id, { label: 'stays', observedOn: '2026-05-01' }, null);
    const erasure = await history.erase(id, BY);
    expect(erasure).toEqual({ id: expect.any(String), erasedAt: clock, predictions: 1 });
    expect(await history.find(id)).toBeNull();
    expect(await database().select().from(outcomes).where(eq(outcomes.predictionId, id))).toEqual([]);
    expect(await auditOf(erasure?.id ?? '')).toEqual({
      id: erasure?.id,
      erasedAt: clock,
      kind: 'prediction',
      keyId: 'hr',
      requestId: 'r1',
      predictionId: id,
      identifier: null,
      madeBefore: null,
      predictions: 1,
    });
  });

  it('of an unknown prediction is null, and is not audited', async () => {
    expect(await history.erase(UNKNOWN, BY)).toBeNull();
    expect(await database().select().from(erasures).where(eq(erasures.predictionId, UNKNOWN))).toEqual([]);
  });

  it('takes all about an employee, and nothing about others', async () => {
    const { identifier, stored } = await store([{}, {}, {}]);
    const other = await storeOne();
    const erasure = await history.eraseIdentifier(identifier, BY);
    expect(erasure.predictions).toBe(3);
    expect(await history.findAll([...stored, other].map(({ id }) => id))).toEqual([other]);
    expect(await auditOf(erasure.id)).toMatchObject({
      kind: 'identifier',
      identifier,
      madeBefore: clock,
      predictionId: null,
      predictions: 3,
    });
  });

  it('of an employee without predictions is audited too', async () => {
    const erasure = await history.eraseIdentifier(nextIdentifier++, BY);
    expect(erasure.predictions).toBe(0);
    expect(await auditOf(erasure.id)).toMatchObject({ kind: 'identifier', predictions: 0 });
  });
});

describe('a database that cannot be reached', () => {
  const down = createHistory(connect('postgres://postgres:secret-word@127.0.0.1:9/postgres'), {
    now: () => clock,
    newId: uuidv7,
  });

  it.each([
    ['list', () => down.list(ANY, null, 1)],
    ['find', () => down.find(UNKNOWN)],
    ['findAll', () => down.findAll([UNKNOWN])],
    ['putOutcome', () => down.putOutcome(UNKNOWN, { label: 'stays', observedOn: '2026-05-01' }, null)],
    ['erase', () => down.erase(UNKNOWN, BY)],
    ['eraseIdentifier', () => down.eraseIdentifier(1, BY)],
  ])('is a problem of its own: %s', async (_title, work) => {
    await expect(work()).rejects.toMatchObject({ code: 'database-unavailable' });
  });
});

import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { made } from '../../../common/test/prediction.ts';
import { openTestDatabase } from '../../../tests/kit/test-database.ts';
import { connect, type Database } from '../../../workers/store/database.ts';
import { createHistory } from '../../../workers/store/history.ts';
import { insertPredictions } from '../../../workers/store/insert-predictions.ts';
import { applyMigrations } from './migrations.ts';
import { type NeonEndpoint, type RunQuery, startNeonEndpoint } from './neon-endpoint.ts';

// The embedded Postgres runs one transaction at a time, so nothing can race in it: history-races.test.ts does that, where a
// server is installed. But it says which locks a transaction holds.

/** Of each transaction so far: the statements, each with the locks that were held before it. */
let transactions: { statement: string; held: string[] }[][] = [];
let endpoint: NeonEndpoint;
let database: () => Database;
let history: ReturnType<typeof createHistory>;

beforeAll(async () => {
  const backend = await openTestDatabase();
  endpoint = await startNeonEndpoint({
    query: backend.query,
    transaction: (modes, work) =>
      backend.transaction(modes, (run) => {
        const statements: { statement: string; held: string[] }[] = [];
        transactions.push(statements);
        const watched: RunQuery = async (query, params) => {
          statements.push({ statement: query.split(' ', 1)[0] ?? '', held: await locksOf(run) });
          return run(query, params);
        };
        return work(watched);
      }),
    close: () => backend.close(),
  });
  await applyMigrations(endpoint.databaseUrl);
  database = connect(endpoint.databaseUrl);
  history = createHistory(database, { now: () => new Date(), newId: uuidv7 });
});
afterAll(() => endpoint.close());
beforeEach(() => {
  transactions = [];
});

/** The advisory locks that are held, and whether rows of a table are locked: https://www.postgresql.org/docs/current/view-pg-locks.html */
async function locksOf(run: RunQuery): Promise<string[]> {
  const { rows } = await run(
    `select distinct mode || case locktype when 'advisory' then ' ' || objid else ' of ' || relation::regclass::text end
      from pg_locks where locktype = 'advisory' or (mode = 'RowShareLock' and relation::regclass::text = 'predictions')`,
    [],
  );
  return rows.flat().flatMap((name) => (name === null ? [] : [name]));
}

const INSERTS = 'ShareLock 7301995';
const ERASES = 'ExclusiveLock 7301995';
const by = { keyId: null, requestId: 'r1' };

describe('a transaction', () => {
  it('that stores predictions waits for erasures before it writes, and shares its lock with others that store', async () => {
    await insertPredictions(database, [made(), made()]);
    expect(transactions).toEqual([
      [
        { statement: 'select', held: [] },
        { statement: 'insert', held: [INSERTS] },
        { statement: 'delete', held: [INSERTS] },
      ],
    ]);
  });

  it.each([
    ['a prediction', (id: string) => history.erase(id, by)],
    ['all about a person', () => history.eraseIdentifier(7, by)],
  ])('that erases %s waits for inserts before it deletes, and lets nobody in meanwhile', async (_what, erase) => {
    const prediction = made();
    await insertPredictions(database, [prediction]);
    transactions = [];
    await erase(prediction.id);
    expect(transactions).toEqual([
      [
        { statement: 'select', held: [] },
        { statement: 'with', held: [ERASES] },
      ],
    ]);
  });

  it('that records an outcome locks the row of its prediction first', async () => {
    const prediction = made();
    await insertPredictions(database, [prediction]);
    transactions = [];
    await history.putOutcome(prediction.id, { label: 'stays', observedOn: '2026-01-31' }, null);
    expect(transactions).toEqual([
      [
        { statement: 'select', held: [] },
        { statement: 'insert', held: ['RowShareLock of predictions'] },
        { statement: 'select', held: ['RowShareLock of predictions'] },
      ],
    ]);
  });

  it('keeps its locks no longer than it lasts', async () => {
    await insertPredictions(database, [made()]);
    await history.eraseIdentifier(7, by);
    await history.eraseIdentifier(8, by);
    expect(transactions.map(([first]) => first?.held)).toEqual([[], [], []]);
  });
});

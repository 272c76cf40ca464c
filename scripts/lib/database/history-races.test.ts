import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedBinaries, provideDatabase } from '../../../bench/lib/postgres.ts';
import { ANY, made } from '../../../common/test/prediction.ts';
import { connect, type Database } from '../../../workers/store/database.ts';
import { createHistory } from '../../../workers/store/history.ts';
import { insertPredictions } from '../../../workers/store/insert-predictions.ts';
import { applyMigrations } from './migrations.ts';
import { startNeonEndpoint } from './neon-endpoint.ts';
import { openPostgres } from './postgres-backends.ts';

/**
 * A real Postgres: that of TEST_DATABASE_URL, or one that is installed and started for these tests. The embedded one runs one
 * transaction at a time, so nothing can race in it.
 */
const isThere = Boolean(process.env['TEST_DATABASE_URL']) || (await installedBinaries()) !== null;

/** Before any erasure of these tests. */
const earlier = (identifier: number | null) =>
  made({ identifier, createdAt: new Date(Date.now() - 60_000).toISOString() });

describe.runIf(isThere)('a Postgres server', () => {
  const running = new AsyncDisposableStack();
  let database: () => Database;
  let history: ReturnType<typeof createHistory>;
  beforeAll(async () => {
    const { url } = await provideDatabase(running);
    if (url === null) throw new Error('no Postgres was found');
    const endpoint = await startNeonEndpoint(await openPostgres(url));
    running.defer(() => endpoint.close());
    await applyMigrations(endpoint.databaseUrl);
    database = connect(endpoint.databaseUrl);
    history = createHistory(database, { now: () => new Date(), newId: uuidv7 });
  });
  afterAll(() => running.disposeAsync());

  it('records an outcome once, however many send it at once', async () => {
    const prediction = earlier(null);
    await insertPredictions(database, [prediction]);
    for (const label of ['leaves', 'stays', 'leaves', 'stays']) {
      const outcome = { label, observedOn: '2026-01-31' };
      const entries = await Promise.all(
        Array.from({ length: 8 }, () => history.putOutcome(prediction.id, outcome, null)),
      );
      expect(new Set(entries.map((entry) => JSON.stringify(entry))).size).toBe(1);
    }
    expect((await history.find(prediction.id))?.outcomes.map((it) => 'label' in it && it.label)).toEqual([
      'stays',
      'leaves',
      'stays',
      'leaves',
    ]);
  });

  it('knows a version by one contract, however many come first', async () => {
    for (let round = 0; round < 20; round++) {
      const version = `5.0.${round}`;
      const of = (digit: string) => made({ model: { ...made().model, version, contractSha256: digit.repeat(64) } });
      // In every other round the version is known already, from older code.
      const old = made({ model: { ...made().model, version, contractSha256: null } });
      if (round % 2 === 1) expect((await insertPredictions(database, [old])).size).toBe(0);
      const rivals = ['d', 'e', 'd', 'e', 'd', 'e', 'd', 'e'].map(of);
      const refused = await Promise.all(rivals.map(async (it) => (await insertPredictions(database, [it])).size));
      const taken = rivals.filter((_, i) => refused[i] === 0).map(({ model }) => model.contractSha256);
      expect([taken.length, new Set(taken).size]).toEqual([4, 1]);
    }
  });

  it('keeps nothing about an employee that is being stored while it is erased', async () => {
    for (let round = 0; round < 20; round++) {
      const identifier = Math.floor(Math.random() * 1e15) + 1;
      const batches = Array.from({ length: 4 }, () => Array.from({ length: 200 }, () => earlier(identifier)));
      const erase = async () => {
        // At another moment of the inserts in every round.
        await new Promise((resolve) => setTimeout(resolve, round * 3));
        await history.eraseIdentifier(identifier, { keyId: null, requestId: 'r1' });
      };
      await Promise.all([...batches.map((batch) => insertPredictions(database, batch)), erase()]);
      expect(await history.list({ ...ANY, identifier }, null, 10)).toEqual([]);
    }
  });
});

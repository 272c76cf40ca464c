import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ANY } from '../../../common/test/prediction.ts';
import { openTestDatabase } from '../../../tests/kit/test-database.ts';
import { connect } from '../../../workers/store/database.ts';
import { createHistory } from '../../../workers/store/history.ts';
import { insertPredictions } from '../../../workers/store/insert-predictions.ts';
import { neonClient } from '../../../workers/store/neon-client.ts';
import { applyMigrations } from './migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';

const Journal = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) });
const journal = Journal.parse(JSON.parse(await readFile('migrations/meta/_journal.json', 'utf8')));
const names = journal.entries.map(({ tag }) => tag);

type Row = Record<string, string | number | null>;

const PREDICTION = '019a0c5e-7c00-7000-8000-000000000001';
const LATER = '019a0c5e-7c00-7000-8000-000000000002';
const SHA256 = 'a'.repeat(64);

/**
 * A row of every table, in an order that foreign keys allow. A state of the schema gets the columns that it has. A column that
 * is missing here needs no value, because the code before a migration gives it none either.
 */
const ROWS = new Map<string, Row>([
  ['models', { name: 'made-up', version: '1.2.3', sha256: SHA256 }],
  [
    'predictions',
    {
      id: PREDICTION,
      created_at: '2026-01-31 12:00:00.123+00',
      identifier: 7,
      key_id: null,
      model_name: 'made-up',
      model_version: '1.2.3',
      model_sha256: SHA256,
      input: '{"age": 41}',
      label: 'leaves',
      probability: 0.625,
      threshold: 0.5,
      risk: 'high',
      warnings: '[]',
    },
  ],
  [
    'outcomes',
    {
      id: LATER,
      prediction_id: PREDICTION,
      label: 'leaves',
      observed_on: '2026-02-01',
      recorded_at: '2026-02-02 12:00:00+00',
      key_id: 'hr',
    },
  ],
  ['erasures', { id: LATER, erased_at: '2026-02-03 12:00:00+00', kind: 'retention', predictions: 3 }],
  [
    'idempotency_keys',
    { key: 'b'.repeat(64), fingerprint: 'c'.repeat(64), model: 'made-up/1.2.3', claimed_at: '2026-01-31 12:00:00+00' },
  ],
]);

/** The prediction of ROWS as it is read. */
const STORED = {
  createdAt: '2026-01-31T12:00:00.123Z',
  identifier: 7,
  keyId: null,
  model: { name: 'made-up', version: '1.2.3', sha256: SHA256, contractSha256: null },
  input: { age: 41 },
  label: 'leaves',
  probability: 0.625,
  threshold: 0.5,
  risk: 'high',
  warnings: [],
};
const ABOUT_SEVEN = { ...ANY, identifier: 7 };

let endpoint: NeonEndpoint;
let folder: string;
beforeEach(async () => {
  endpoint = await startNeonEndpoint(await openTestDatabase());
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await cp('migrations', folder, { recursive: true });
});
afterEach(async () => {
  await endpoint.close();
  await rm(folder, { recursive: true });
});

/** Applies the first migrations alone, as a database has them that is not up to date. */
async function applyFirst(count: number): Promise<string[]> {
  const entries = journal.entries.slice(0, count);
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
  return applyMigrations(endpoint.databaseUrl, folder);
}

/** The columns of each table that there is. */
async function readColumns(): Promise<Map<string, string[]>> {
  const rows = await neonClient(endpoint.databaseUrl)`
    select table_name, string_agg(column_name, ' ' order by column_name) as columns
    from information_schema.columns where table_schema = 'public' group by 1`;
  return new Map(rows.map((row) => [String(row['table_name']), String(row['columns']).split(' ')]));
}

/** Inserts what a state of the schema takes of a row, as the code did that came with it. */
async function insert(table: string, columns: readonly string[], row: Row): Promise<void> {
  const given = Object.entries(row).filter(([column]) => columns.includes(column));
  const places = given.map((_, i) => `$${i + 1}`);
  await neonClient(endpoint.databaseUrl).query(
    `insert into ${table} (${given.map(([column]) => column).join(', ')}) values (${places.join(', ')}) on conflict do nothing`,
    given.map(([, value]) => value),
  );
}

/** The rows of a table, without the columns that it got later. */
async function readRows(table: string, columns: readonly string[]): Promise<Record<string, unknown>[]> {
  return neonClient(endpoint.databaseUrl).query(`select ${columns.join(', ')} from ${table} order by 1`);
}

describe('the migrations', () => {
  it.each(names.slice(0, -1).map((name, i) => [name, i + 1] as const))(
    'from %s to the newest keep the rows that are there, and take those of the code before',
    async (_name, count) => {
      expect(await applyFirst(count)).toEqual(names.slice(0, count));
      const tables = await readColumns();
      expect([...ROWS.keys()], 'a table without a row: add one to ROWS').toEqual(
        expect.arrayContaining([...tables.keys()]),
      );
      const rows = new Map<string, Record<string, unknown>[]>();
      for (const [table, row] of ROWS) {
        const columns = tables.get(table);
        if (!columns) continue;
        await insert(table, columns, row);
        rows.set(table, await readRows(table, columns));
        expect(rows.get(table), table).toHaveLength(1);
      }

      expect(await applyMigrations(endpoint.databaseUrl)).toEqual(names.slice(count));
      for (const [table, columns] of tables) expect(await readRows(table, columns), table).toEqual(rows.get(table));

      // The code before goes on during a deploy, and after it was rolled back.
      await insert('predictions', tables.get('predictions') ?? [], { ...ROWS.get('predictions'), id: LATER });
      const history = createHistory(connect(endpoint.databaseUrl), { now: () => new Date(), newId: uuidv7 });
      const found = await history.list(ABOUT_SEVEN, null, 10);
      expect(found.map(({ prediction }) => prediction)).toEqual([LATER, PREDICTION].map((id) => ({ ...STORED, id })));
      await history.putOutcome(PREDICTION, { label: 'stays', observedOn: '2026-03-01' }, null);
      expect(await neonClient(endpoint.databaseUrl)`select name, version, sha256 from models`).toEqual([
        ROWS.get('models'),
      ]);
      expect((await history.eraseIdentifier(7, { keyId: null, requestId: 'r1' })).predictions).toBe(2);
      expect(await history.list(ABOUT_SEVEN, null, 10)).toEqual([]);
    },
  );

  it('remember the first sha256 of a version that was recorded with two', async () => {
    await applyFirst(names.indexOf('0001_history') + 1);
    const columns = (await readColumns()).get('predictions') ?? [];
    const row = ROWS.get('predictions') ?? {};
    await insert('predictions', columns, row);
    const other = { id: LATER, created_at: '2026-02-01 00:00:00+00', model_sha256: 'd'.repeat(64) };
    await insert('predictions', columns, { ...row, ...other });
    await applyMigrations(endpoint.databaseUrl);
    expect(await neonClient(endpoint.databaseUrl)`select name, version, sha256 from models`).toEqual([
      ROWS.get('models'),
    ]);
    expect(await neonClient(endpoint.databaseUrl)`select id from predictions`).toHaveLength(2);
  });

  it('leave rows without a digest of the contract, and the next prediction of the version fills in its own', async () => {
    await applyFirst(names.indexOf('0003_known_models') + 1);
    const columns = (await readColumns()).get('predictions') ?? [];
    await insert('predictions', columns, ROWS.get('predictions') ?? {});
    expect(await applyMigrations(endpoint.databaseUrl)).toEqual(
      expect.arrayContaining(['0004_contract_digests', '0005_known_contracts']),
    );
    const database = connect(endpoint.databaseUrl);
    const contracts = async () =>
      (await neonClient(endpoint.databaseUrl)`select contract_sha256 from models`).map((row) => row['contract_sha256']);
    expect(await contracts()).toEqual([null]);

    const of = (id: string, contractSha256: string | null) => ({
      ...STORED,
      id,
      model: { ...STORED.model, contractSha256 },
    });
    const [first, late, other] = [of(LATER, 'e'.repeat(64)), of(uuidv7(), null), of(uuidv7(), 'f'.repeat(64))];
    expect([...(await insertPredictions(database, [first])).keys()]).toEqual([]);
    expect([...(await insertPredictions(database, [late, other])).keys()]).toEqual([other]);
    expect(await contracts()).toEqual(['e'.repeat(64)]);

    const history = createHistory(database, { now: () => new Date(), newId: uuidv7 });
    const found = (await history.list(ABOUT_SEVEN, null, 10)).map(({ prediction }) => prediction);
    expect(new Map(found.map(({ id, model }) => [id, model.contractSha256]))).toEqual(
      new Map([
        [PREDICTION, null],
        [LATER, 'e'.repeat(64)],
        [late.id, null],
      ]),
    );
  });
});

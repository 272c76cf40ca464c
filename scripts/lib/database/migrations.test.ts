import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase } from '../../../tests/kit/test-database.ts';
import { neonClient } from '../../../workers/store/neon-client.ts';
import { applyMigrations } from './migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';

const TABLES = ['erasures', 'idempotency_keys', 'models', 'outcomes', 'predictions'];

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

/** Adds a migration after the existing ones. */
async function addMigration(tag: string, sql: string): Promise<void> {
  const path = join(folder, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(path, 'utf8'));
  const last = journal.entries.at(-1);
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag });
  await writeFile(path, JSON.stringify(journal));
  await writeFile(join(folder, `${tag}.sql`), sql);
}

const tables = async () => {
  const rows = await neonClient(
    endpoint.databaseUrl,
  )`select table_name from information_schema.tables where table_schema = 'public' order by 1`;
  return rows.map((row) => row['table_name']);
};

describe('applyMigrations', () => {
  it('builds the schema from nothing, and has nothing to do the second time', async () => {
    expect(await applyMigrations(endpoint.databaseUrl, folder)).toContain('0000_predictions');
    expect(await tables()).toEqual(TABLES);
    expect(await applyMigrations(endpoint.databaseUrl, folder)).toEqual([]);
  });

  it('applies only what is new', async () => {
    await applyMigrations(endpoint.databaseUrl, folder);
    await addMigration('9998_notes', 'create table notes (id int)');
    expect(await applyMigrations(endpoint.databaseUrl, folder)).toEqual(['9998_notes']);
    expect(await tables()).toEqual([...TABLES, 'notes'].sort());
  });

  it('rolls a failing migration back whole, names it, and goes on once it is mended', async () => {
    await applyMigrations(endpoint.databaseUrl, folder);
    const breakpoint = '--> statement-breakpoint';
    await addMigration('9998_notes', `create table notes (id int);${breakpoint}\nselect * from missing_table;`);
    await expect(applyMigrations(endpoint.databaseUrl, folder)).rejects.toThrow(/9998_notes failed.*missing_table/);
    expect(await tables()).toEqual(TABLES);
    await writeFile(join(folder, '9998_notes.sql'), 'create table notes (id int)');
    expect(await applyMigrations(endpoint.databaseUrl, folder)).toEqual(['9998_notes']);
  });

  it('refuses a migration that was changed after it had been applied', async () => {
    await applyMigrations(endpoint.databaseUrl, folder);
    const path = join(folder, '0000_predictions.sql');
    await writeFile(path, `${await readFile(path, 'utf8')}\n-- changed`);
    await expect(applyMigrations(endpoint.databaseUrl, folder)).rejects.toThrow('0000_predictions was changed');
  });

  it('may run twice at once', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => applyMigrations(endpoint.databaseUrl, folder)));
    expect(runs.flat().filter((name) => name === '0000_predictions')).toHaveLength(1);
    expect(await tables()).toEqual(TABLES);
  });
});

describe('the committed migrations', () => {
  it('are what the schema generates', () => {
    // Into a copy, because it writes where it finds a change.
    const { stdout, stderr } = spawnSync(
      'drizzle-kit',
      ['generate', '--dialect=postgresql', '--schema=workers/store/schema.ts', `--out=${relative('.', folder)}`],
      { encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).toContain('No schema changes');
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
// Not database.ts: Drizzle takes most of a second to load.
import { databaseErrorOf, neonClient } from '../../../workers/store/neon-client.ts';
import { UserError } from '../cli.ts';

const TIMEOUT_MS = 120_000;
/** Serialises concurrent runs. Any number will do, as long as nothing else in the database uses it. */
const ADVISORY_LOCK = 7_301_994;
const UNIQUE_VIOLATION = '23505';

type Migration = { name: string; hash: string; when: number; statements: string[] };

/**
 * Applies the missing migrations in order, each whole or not at all, in one transaction. (Drizzle's own HTTP migrator sends
 * statement by statement, so a failure leaves half a migration.) The ledger is Drizzle's. Resolves to the names of the applied
 * migrations; throws a UserError that names the failed one.
 */
export async function applyMigrations(databaseUrl: string, folder = 'migrations'): Promise<string[]> {
  const sql = neonClient(databaseUrl, TIMEOUT_MS);
  const ready = sql.transaction([
    sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`,
    sql`create schema if not exists drizzle`,
    sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`,
    sql`create unique index if not exists drizzle_migrations_created_at on drizzle.__drizzle_migrations (created_at)`,
  ]);
  await ready.catch((error: Error) => {
    throw new UserError(`The database cannot be migrated: ${error.message}`);
  });
  const ledger = await sql`select hash, created_at from drizzle.__drizzle_migrations`;
  const hashes = new Map(ledger.map((row) => [Number(row['created_at']), String(row['hash'])]));

  const applied: string[] = [];
  for (const { name, hash, when, statements } of await readMigrations(folder)) {
    const known = hashes.get(when);
    if (known === hash) continue;
    if (known !== undefined) {
      throw new UserError(
        `Migration ${name} was changed after it had been applied. Restore the file, and put the change into a new migration.`,
      );
    }
    try {
      await sql.transaction([
        sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`,
        sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`,
        ...statements.map((statement) => sql.query(statement)),
      ]);
      applied.push(name);
    } catch (error) {
      const failure = databaseErrorOf(error);
      // Another run applied it while this one waited for the lock.
      if (failure?.code === UNIQUE_VIOLATION && failure.table === '__drizzle_migrations') continue;
      throw new UserError(`Migration ${name} failed, and was rolled back: ${failure?.message ?? error}`);
    }
  }
  return applied;
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const journal: { entries: { tag: string }[] } = JSON.parse(
    await readFile(join(folder, 'meta/_journal.json'), 'utf8'),
  );
  return readMigrationFiles({ migrationsFolder: folder }).map(({ sql, hash, folderMillis }, i) => ({
    name: journal.entries[i]?.tag ?? String(folderMillis),
    hash,
    when: folderMillis,
    statements: sql,
  }));
}

import { sql } from 'drizzle-orm';
import type { Database } from './database.ts';

/** Any number will do, as long as nothing else in the database locks by it (migrations have one of their own). */
const ADVISORY_LOCK = 7_301_995;

/**
 * The first statement of a transaction that stores predictions. Without it, an erasure at the same instant would not see the
 * rows that are being stored, nor they the erasure, and they would outlive it. Those who store do not wait for each other.
 */
export function waitForErasures(database: Database) {
  return database.execute(sql`select pg_advisory_xact_lock_shared(${ADVISORY_LOCK})`);
}

/** The first statement of a transaction that erases. */
export function waitForInserts(database: Database) {
  return database.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

import { count, gt, type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { erasures, predictions } from './schema.ts';

export type Audit = Omit<typeof erasures.$inferSelect, 'predictions'>;

/**
 * Deletes predictions with their outcomes, and writes their number into the audit. It is one statement, so that neither happens
 * without the other. With `always`, a deletion of nothing is audited, too. Batches under one id add up in one audit row. Returns
 * the number in that row so far, or no row where nothing was written.
 */
export function eraseAudited(database: Database, which: SQL, audit: Audit, { always = false } = {}) {
  const erased = database
    .$with('erased')
    .as(database.delete(predictions).where(which).returning({ id: predictions.id }));
  const row = database
    .select({
      id: sql`${audit.id}::uuid`.as('id'),
      erasedAt: sql`${timeOf(audit.erasedAt)}::timestamptz`.as('erased_at'),
      kind: sql`${audit.kind}::text`.as('kind'),
      keyId: sql`${audit.keyId}::text`.as('key_id'),
      requestId: sql`${audit.requestId}::text`.as('request_id'),
      predictionId: sql`${audit.predictionId}::uuid`.as('prediction_id'),
      identifier: sql`${audit.identifier}::bigint`.as('identifier'),
      madeBefore: sql`${timeOf(audit.madeBefore)}::timestamptz`.as('made_before'),
      predictions: sql`${count()}::int`.as('predictions'),
    })
    .from(erased)
    .having(always ? undefined : gt(count(), 0));
  return database
    .with(erased)
    .insert(erasures)
    .select(row)
    .onConflictDoUpdate({
      target: erasures.id,
      set: { predictions: sql`${erasures.predictions} + excluded.predictions` },
    })
    .returning({ predictions: erasures.predictions });
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

/** Any number that nothing else in the database locks by. Migrations have their own. */
const ADVISORY_LOCK = 7_301_995;

/**
 * The first statement of a transaction that stores predictions. Without it, an erasure at the same instant and the new rows
 * would not see each other, and the rows would outlive it. Transactions that store do not wait for each other.
 */
export function waitForErasures(database: Database) {
  return database.execute(sql`select pg_advisory_xact_lock_shared(${ADVISORY_LOCK})`);
}

/** The first statement of a transaction that erases. */
export function waitForInserts(database: Database) {
  return database.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK})`);
}

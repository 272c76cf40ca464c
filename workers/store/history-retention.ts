import { and, asc, inArray, isNotNull, lt } from 'drizzle-orm';
import type { Database } from './database.ts';
import { type Audit, eraseAudited } from './history-erasures.ts';
import { erasures, idempotencyKeys, predictions } from './schema.ts';

/**
 * How long an erasure remembers whose predictions it erased, so that it also erases those that are stored later. A message lives
 * at most 14 days in the predictions queue, and 14 more in the dead-letter queue
 * (https://developers.cloudflare.com/queues/platform/limits/). Then it is a dead letter, which the cron stores.
 */
export const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1000;

/** Erases the oldest predictions made before `audit.madeBefore`, `limit` at most; resolves to the audit's number so far. */
export async function erasePredictions(
  database: Database,
  audit: Audit & { madeBefore: Date },
  limit: number,
): Promise<number> {
  const oldest = database
    .select({ id: predictions.id })
    .from(predictions)
    .where(lt(predictions.createdAt, audit.madeBefore))
    .orderBy(asc(predictions.createdAt), asc(predictions.id))
    .limit(limit);
  const [row] = await eraseAudited(database, inArray(predictions.id, oldest), audit);
  return row?.predictions ?? 0;
}

/** Takes the identifier out of what was audited before a time; resolves to the number of audit rows. */
export async function forgetIdentifiers(database: Database, erasedBefore: Date): Promise<number> {
  const { rowCount } = await database
    .update(erasures)
    .set({ identifier: null })
    .where(and(isNotNull(erasures.identifier), lt(erasures.erasedAt, erasedBefore)));
  return rowCount;
}

/** Deletes the oldest keys claimed before a time, `limit` at most; resolves to their number. */
export async function deleteIdempotencyKeys(database: Database, claimedBefore: Date, limit: number): Promise<number> {
  const oldest = database
    .select({ key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(lt(idempotencyKeys.claimedAt, claimedBefore))
    .orderBy(asc(idempotencyKeys.claimedAt))
    .limit(limit);
  const { rowCount } = await database.delete(idempotencyKeys).where(inArray(idempotencyKeys.key, oldest));
  return rowCount;
}

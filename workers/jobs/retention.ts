import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import {
  deleteIdempotencyKeys,
  erasePredictions,
  forgetIdentifiers,
  REMEMBERED_MS,
} from '../store/history-retention.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** The most that one run erases: five times 2,000. The next run follows minutes later. */
const BATCH = 2000;
const BATCHES = 5;

/** How long an Idempotency-Key is remembered. */
const KEPT_KEYS_MS = 24 * HOUR_MS;

/** The time since which predictions are kept. */
export function keptSince(now: Date, retentionDays: number): Date {
  return new Date(now.getTime() - retentionDays * DAY_MS);
}

/** Erases predictions made before a time, the oldest first. One audit row counts all that this run erases. */
export async function eraseOldPredictions(
  database: () => Database,
  madeBefore: Date,
  { now, newId }: { now: Date; newId(): string },
): Promise<void> {
  const audit = {
    id: newId(),
    erasedAt: now,
    kind: 'retention' as const,
    keyId: null,
    requestId: null,
    predictionId: null,
    identifier: null,
    madeBefore,
  };
  let erased = 0;
  for (let batch = 1; batch <= BATCHES; batch++) {
    erased = Math.max(erased, await erasePredictions(database(), audit, BATCH));
    if (erased < batch * BATCH) break;
  }
  if (erased > 0) logEvent('info', 'old predictions erased', { erasure: audit.id, predictions: erased });
}

/** Takes identifiers out of old erasures. Must not run while dead letters wait: these may be older than the erasures. */
export async function forgetErasedIdentifiers(database: () => Database, now: Date): Promise<void> {
  const erasures = await forgetIdentifiers(database(), new Date(now.getTime() - REMEMBERED_MS));
  if (erasures > 0) logEvent('info', 'erased identifiers forgotten', { erasures });
}

/** Deletes the keys that were claimed more than 24 hours ago, at most 10,000. */
export async function deleteOldIdempotencyKeys(database: () => Database, now: Date): Promise<void> {
  const keys = await deleteIdempotencyKeys(database(), new Date(now.getTime() - KEPT_KEYS_MS), BATCH * BATCHES);
  if (keys > 0) logEvent('info', 'idempotency keys deleted', { keys });
}

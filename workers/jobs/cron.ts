import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Jobs } from '../services.ts';
import { countBacklog } from '../store/backlog.ts';
import { removeUnreplayable, replaySome } from './dead-letters.ts';
import { deleteOldIdempotencyKeys, eraseOldPredictions, forgetErasedIdentifiers, keptSince } from './retention.ts';

/** Runs all that is due every five minutes. A part that fails is logged, and keeps no other part from running. */
export async function runCron({ queue, deadLetters, database, retentionDays, now, newId }: Jobs): Promise<void> {
  const startedAt = now();
  let lettersWait = true;
  await attempt('replay dead letters', async () => {
    lettersWait = await replaySome(deadLetters, database);
  });
  await attempt('count the backlog', async () => {
    const counts = await countBacklog({ queue, deadLetters });
    if (counts.waiting + counts.unreplayable > 0) logEvent('warn', 'backlog', counts);
  });
  if (retentionDays !== null) {
    const before = keptSince(startedAt, retentionDays);
    await attempt('erase old predictions', () => eraseOldPredictions(database, before, { now: startedAt, newId }));
    await attempt('remove unreplayable letters', () => removeUnreplayable(deadLetters, before));
  }
  if (!lettersWait) await attempt('forget erased identifiers', () => forgetErasedIdentifiers(database, startedAt));
  await attempt('delete idempotency keys', () => deleteOldIdempotencyKeys(database, startedAt));
}

async function attempt(job: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logEvent('error', 'job failed', { job, cause: causeOf(error) });
  }
}

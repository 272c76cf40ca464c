import { v7 as uuidv7 } from 'uuid';
import { isDeadLetterQueue } from '../common/history/dead-letter-queue.ts';
import { createApp } from './app.ts';
import { parseEnv, type Recording } from './env.ts';
import { causeOf } from './errors.ts';
import { keepDeadLetters, removeUnreplayable, replayDeadLetters } from './jobs/dead-letters.ts';
import { deleteOldIdempotencyKeys, eraseOldPredictions, forgetErasedIdentifiers, keptSince } from './jobs/retention.ts';
import { storePredictions } from './jobs/store-predictions.ts';
import { logEvent } from './log.ts';
import { countBacklog } from './store/backlog.ts';
import { connect } from './store/database.ts';
import { letterBoxOf } from './store/letter-bucket.ts';

const RETRY_SECONDS = 300;

const app = createApp();

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    try {
      const now = new Date();
      // Dead letters are kept whatever else is misconfigured: that may be why they are dead.
      if (isDeadLetterQueue(batch.queue) && env.DEAD_LETTERS) {
        await keepDeadLetters(batch, letterBoxOf(env.DEAD_LETTERS), now);
        return;
      }
      const { databaseUrl, deadLetters } = recordingOf(env);
      await storePredictions(batch, connect(databaseUrl), letterBoxOf(deadLetters), now);
    } catch (error) {
      // Throwing would redeliver at once, and use up the attempts before anybody could mend the configuration.
      logEvent('error', 'queue not consumed', { queue: batch.queue, cause: causeOf(error) });
      batch.retryAll({ delaySeconds: RETRY_SECONDS });
    }
  },
  async scheduled(_controller, env) {
    const { queue, deadLetters, databaseUrl, retentionDays } = recordingOf(env);
    const database = connect(databaseUrl);
    const letters = letterBoxOf(deadLetters);
    const now = new Date();
    let lettersWait = true;
    await attempt('replay dead letters', async () => {
      lettersWait = await replayDeadLetters(letters, database);
    });
    await attempt('count the backlog', async () => {
      const counts = await countBacklog({ queue, letters });
      if (counts.waiting + counts.unreplayable > 0) logEvent('warn', 'backlog', counts);
    });
    if (retentionDays !== null) {
      const before = keptSince(now, retentionDays);
      await attempt('erase old predictions', () => eraseOldPredictions(database, before, { now, newId: uuidv7 }));
      await attempt('remove unreplayable letters', () => removeUnreplayable(letters, before));
    }
    if (!lettersWait) await attempt('forget erased identifiers', () => forgetErasedIdentifiers(database, now));
    await attempt('delete idempotency keys', () => deleteOldIdempotencyKeys(database, now));
  },
} satisfies ExportedHandler<Env>;

function recordingOf(env: Env): Recording {
  const { recording } = parseEnv(env);
  if (!recording) throw new Error('this environment has a queue or a cron, but records nothing');
  return recording;
}

/** Runs one part of the cron: one that fails must not keep the others from running. */
async function attempt(job: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logEvent('error', 'job failed', { job, cause: causeOf(error) });
  }
}

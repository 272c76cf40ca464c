import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import { type DeadLetterStore, folderOf, keepDeadLetter, UNREPLAYABLE } from '../store/dead-letters.ts';
import { replayDeadLetters } from '../store/replay-dead-letters.ts';

/** How many batches of dead letters one run of the cron replays: a Worker may make 1,000 requests an invocation. */
const BATCHES = 32;
const FIRST_RETRY_SECONDS = 300;
/**
 * A queue delivers a message at most 101 times, then deletes it (https://developers.cloudflare.com/queues/platform/limits/). With
 * this delay, 101 deliveries take longer than 14 days, the longest time that a queue keeps a message. So a message that R2 does
 * not take is lost to the queue's retention alone.
 */
const MAX_RETRY_SECONDS = 4 * 60 * 60;
/** As many as one request to R2 deletes. */
const REMOVED = 1000;

/** Keeps each message of a dead-letter queue. A message that cannot be kept is delivered again, later each time. */
export async function keepDeadLetters(batch: MessageBatch, deadLetters: DeadLetterStore, now: Date): Promise<void> {
  for (const message of batch.messages) {
    const { id, body, attempts } = message;
    try {
      const key = await keepDeadLetter(deadLetters, { messageId: id, receivedAt: now.toISOString(), body });
      message.ack();
      logEvent('warn', 'dead letter kept', { key });
    } catch (error) {
      const delaySeconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), MAX_RETRY_SECONDS);
      logEvent('error', 'dead letter not kept', { messageId: id, attempts, delaySeconds, cause: causeOf(error) });
      message.retry({ delaySeconds });
    }
  }
}

/** Stores 800 of the dead letters that wait, logs the result, and resolves to whether some still wait. */
export async function replaySome(deadLetters: DeadLetterStore, database: () => Database): Promise<boolean> {
  const { stored, refused, failure, more } = await replayDeadLetters(deadLetters, database, { batches: BATCHES });
  for (const { key, reason } of refused) logEvent('error', 'letter cannot be replayed', { key, cause: reason });
  if (failure !== null) logEvent('error', 'letters not replayed', { stored, cause: failure });
  else if (stored + refused.length > 0) logEvent('info', 'letters replayed', { stored, refused: refused.length, more });
  return more;
}

/** Removes unreplayable dead letters that arrived before a day, at most a thousand. */
export async function removeUnreplayable(deadLetters: DeadLetterStore, before: Date): Promise<void> {
  const { keys } = await deadLetters.list(UNREPLAYABLE, REMOVED, null);
  const old = keys.filter((key) => key < folderOf(UNREPLAYABLE, before.toISOString()));
  if (old.length === 0) return;
  await deadLetters.remove(old);
  logEvent('info', 'unreplayable letters removed', { letters: old.length });
}

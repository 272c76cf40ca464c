import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import { folderOf, keepLetter, type LetterBox, REFUSED } from '../store/letters.ts';
import { replayLetters } from '../store/replay-letters.ts';

/** How many batches of letters one run of the cron replays: Workers may make 1,000 requests an invocation. */
const BATCHES = 32;
const FIRST_RETRY_SECONDS = 300;
/**
 * A queue delivers a message at most 101 times, then deletes it (https://developers.cloudflare.com/queues/platform/limits/). With so
 * long a delay, that takes longer than the 14 days for which a queue can be told to keep a message: what R2 does not take is lost
 * to the queue's retention alone.
 */
const MAX_RETRY_SECONDS = 4 * 60 * 60;
/** As many as one request to R2 deletes. */
const REMOVED = 1000;

/** Keeps each message of a dead-letter queue. One that cannot be kept is delivered again, later each time. */
export async function keepDeadLetters(batch: MessageBatch, box: LetterBox, now: Date): Promise<void> {
  for (const message of batch.messages) {
    const { id, body, attempts } = message;
    try {
      const key = await keepLetter(box, { messageId: id, receivedAt: now.toISOString(), body });
      message.ack();
      logEvent('warn', 'dead letter kept', { key });
    } catch (error) {
      const delaySeconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), MAX_RETRY_SECONDS);
      logEvent('error', 'dead letter not kept', { messageId: id, attempts, delaySeconds, cause: causeOf(error) });
      message.retry({ delaySeconds });
    }
  }
}

/** Stores letters that wait, says in the log what became of them, and resolves to whether some still wait. */
export async function replayDeadLetters(box: LetterBox, database: () => Database): Promise<boolean> {
  const { stored, refused, failure, more } = await replayLetters(box, database, { batches: BATCHES });
  for (const { key, reason } of refused) logEvent('error', 'letter cannot be replayed', { key, cause: reason });
  if (failure !== null) logEvent('error', 'letters not replayed', { stored, cause: failure });
  else if (stored + refused.length > 0) logEvent('info', 'letters replayed', { stored, refused: refused.length, more });
  return more;
}

/** Removes what was set aside before a time, a thousand letters at most. */
export async function removeUnreplayable(box: LetterBox, before: Date): Promise<void> {
  const { keys } = await box.list(REFUSED, REMOVED, null);
  const old = keys.filter((key) => key < folderOf(REFUSED, before.toISOString()));
  if (old.length === 0) return;
  await box.remove(old);
  logEvent('info', 'unreplayable letters removed', { letters: old.length });
}

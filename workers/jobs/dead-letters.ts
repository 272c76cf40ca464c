import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import { folderOf, keepLetter, type LetterBox, REFUSED } from '../store/letters.ts';
import { replayLetters } from '../store/replay-letters.ts';

/** How many batches of letters one run of the cron replays: Workers may make 1,000 requests an invocation. */
const BATCHES = 32;
const RETRY_SECONDS = 300;
/** As many as one request to R2 deletes. */
const REMOVED = 1000;

/** Keeps each message of a dead-letter queue. One that cannot be kept is delivered again later. */
export async function keepDeadLetters(batch: MessageBatch, box: LetterBox, now: Date): Promise<void> {
  for (const message of batch.messages) {
    const { id, body } = message;
    try {
      const key = await keepLetter(box, { messageId: id, receivedAt: now.toISOString(), body });
      message.ack();
      logEvent('warn', 'dead letter kept', { key });
    } catch (error) {
      logEvent('error', 'dead letter not kept', { messageId: id, cause: causeOf(error) });
      message.retry({ delaySeconds: RETRY_SECONDS });
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

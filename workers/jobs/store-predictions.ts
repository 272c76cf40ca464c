import { type ReadMessage, readMessage } from '../../common/history/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import { insertPredictions } from '../store/insert-predictions.ts';
import { type LetterBox, refuseLetter } from '../store/letters.ts';
import { refusedOf } from '../store/replay-letters.ts';

const MAX_DELAY_SECONDS = 300;

type Delivery = ReadMessage & { message: Message };

/**
 * Stores a batch of the predictions queue together, whatever can be stored: one bad prediction holds up neither those of
 * other messages nor its neighbours. What Postgres refuses is set aside with the reason, as no attempt would store it. All
 * else that fails is delivered again with a growing delay, and goes to the dead-letter queue after the last attempt: the
 * database may come back, and another version of this code may read a message that this one cannot. Never throws: that would
 * redeliver the whole batch at once, stored messages included.
 */
export async function storePredictions(
  batch: MessageBatch,
  database: () => Database,
  box: LetterBox,
  now: Date,
): Promise<void> {
  const deliveries = batch.messages.map((message): Delivery => ({ message, ...readMessage(message.body) }));
  let refused: ReadonlyMap<unknown, unknown>;
  try {
    refused = await insertPredictions(
      database,
      deliveries.flatMap(({ predictions }) => predictions),
    );
  } catch (error) {
    for (const { message } of deliveries) retry(message, error);
    return;
  }
  for (const delivery of deliveries) {
    const { message, malformed } = delivery;
    try {
      if (malformed[0]) throw malformed[0].reason;
      await setAside(box, delivery, refused, now);
      message.ack();
    } catch (error) {
      retry(message, error);
    }
  }
}

/** Keeps what of a message can never be stored, if anything. */
async function setAside(
  box: LetterBox,
  { message, ...read }: Delivery,
  refused: ReadonlyMap<unknown, unknown>,
  now: Date,
): Promise<void> {
  const bad = refusedOf(read, refused);
  const [first] = bad;
  if (!first) return;
  const body = bad.map(({ value }) => value);
  const key = await refuseLetter(box, { messageId: message.id, receivedAt: now.toISOString(), body }, first.reason);
  logEvent('error', 'predictions refused', { key, predictions: bad.length, cause: first.reason });
}

function retry(message: Message, reason: unknown): void {
  const delaySeconds = Math.min(2 ** message.attempts, MAX_DELAY_SECONDS);
  logEvent('error', 'predictions not stored', {
    messageId: message.id,
    attempts: message.attempts,
    delaySeconds,
    cause: causeOf(reason),
  });
  message.retry({ delaySeconds });
}

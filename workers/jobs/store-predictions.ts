import { type ReadMessage, readMessage } from '../../common/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import { insertPredictions } from '../store/insert-predictions.ts';

const MAX_DELAY_SECONDS = 300;

/**
 * Stores a batch of the predictions queue together, whatever can be stored: one bad prediction holds up neither those of
 * other messages nor its neighbours. A message is acknowledged once all of it is stored. What fails is delivered again with
 * a growing delay, and goes to the dead-letter queue after the last attempt. Never throws: that would redeliver the whole
 * batch at once, stored messages included.
 */
export async function storePredictions(batch: MessageBatch, database: () => Database): Promise<void> {
  const deliveries = batch.messages.map((message) => ({ message, ...readMessage(message.body) }));
  const reasonOf = await store(deliveries, database);
  for (const delivery of deliveries) {
    const reason = reasonOf(delivery);
    if (reason === undefined) delivery.message.ack();
    else retry(delivery.message, reason);
  }
}

/** Resolves to a function that says why a delivery was not stored, if it was not. */
async function store(deliveries: readonly ReadMessage[], database: () => Database) {
  try {
    const refused = await insertPredictions(
      database,
      deliveries.flatMap(({ predictions }) => predictions),
    );
    return ({ predictions, malformed }: ReadMessage) => {
      const bad = predictions.find((prediction) => refused.has(prediction));
      return bad ? refused.get(bad) : malformed[0]?.reason;
    };
  } catch (error) {
    return ({ malformed }: ReadMessage) => malformed[0]?.reason ?? error;
  }
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

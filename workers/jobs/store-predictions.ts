import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import type { DeadLetterStore } from '../store/dead-letters.ts';
import { storeMessages } from '../store/store-messages.ts';

const MAX_DELAY_SECONDS = 300;

type Stores = { database: () => Database; deadLetters: DeadLetterStore; now: Date };

/**
 * Consumes a batch of the predictions queue. A message is acknowledged once it is stored or set aside. Others are delivered again
 * with a growing delay, and go to the dead-letter queue after the last attempt. Never rejects: that would redeliver the whole
 * batch at once, stored messages included.
 */
export async function storePredictions(batch: MessageBatch, stores: Stores): Promise<void> {
  for (const { message, outcome } of await storeMessages(batch.messages, stores)) {
    if (outcome.status === 'retry') {
      retry(message, outcome.reason);
      continue;
    }
    if (outcome.status === 'set-aside') {
      const { key, predictions, reason } = outcome;
      logEvent('error', 'predictions refused', { key, predictions, cause: reason });
    }
    message.ack();
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

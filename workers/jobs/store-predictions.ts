import { Prediction } from '../../common/prediction.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import { type Database, isAboutRows } from '../store/database.ts';
import { insertPredictions } from '../store/prediction-log.ts';

const MAX_DELAY_SECONDS = 300;

/**
 * Stores a batch of the predictions queue: one insert for all of it, and one each where Postgres refuses a row, so that one
 * bad message does not hold up the others. A message is acknowledged once it is stored. What fails is delivered again with
 * a growing delay, and goes to the dead-letter queue after the last attempt. Never throws: that would redeliver the whole
 * batch at once, stored messages included.
 */
export async function storePredictions(batch: MessageBatch, database: () => Database): Promise<void> {
  const valid: Delivery[] = [];
  for (const message of batch.messages) {
    const parsed = Prediction.safeParse(message.body);
    if (parsed.success) valid.push({ message, prediction: parsed.data });
    else retry(message, parsed.error);
  }
  if (valid.length > 0) await store(valid, database);
}

type Delivery = { message: Message; prediction: Prediction };

async function store(deliveries: Delivery[], database: () => Database): Promise<void> {
  const failure = await insertError(
    database,
    deliveries.map(({ prediction }) => prediction),
  );
  if (failure && deliveries.length > 1 && isAboutRows(failure)) {
    for (const delivery of deliveries) await store([delivery], database);
    return;
  }
  for (const { message } of deliveries) {
    if (failure) retry(message, failure);
    else message.ack();
  }
}

async function insertError(database: () => Database, batch: Prediction[]): Promise<Error | null> {
  try {
    await insertPredictions(database(), batch);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function retry(message: Message, reason: Error): void {
  const delaySeconds = Math.min(2 ** message.attempts, MAX_DELAY_SECONDS);
  logEvent('error', 'prediction not stored', {
    messageId: message.id,
    attempts: message.attempts,
    delaySeconds,
    cause: causeOf(reason),
  });
  message.retry({ delaySeconds });
}

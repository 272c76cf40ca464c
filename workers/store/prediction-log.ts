import type { Recorded } from '../../common/api/answers.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import { type PackedMessage, packPredictions } from '../../common/history/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { PredictionLog } from '../ports.ts';
import { withTimeout } from '../with-timeout.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Database } from './database.ts';
import { type DeadLetterStore, keepDeadLetter } from './dead-letters.ts';
import { insertPredictions } from './insert-predictions.ts';

/**
 * Queues bills each started 64 KB of a message (https://developers.cloudflare.com/queues/platform/pricing/). A message may have
 * 128 KB, and the messages of one call 256 KB (https://developers.cloudflare.com/queues/platform/limits/).
 */
const MAX_MESSAGE_BYTES = 60_000;
const MAX_SEND_BYTES = 240_000;

/** From this many predictions on, a request to the database is worth its time. */
const MANY = 100;
/** How long the queue, and R2, may take: the caller is waiting for the prediction. */
const PATIENCE_MS = 3000;

/** The part of a queue that is used. */
type Sender = { sendBatch(messages: { body: string; contentType: 'text' }[]): Promise<unknown> };

type Ways = {
  queue: Sender;
  database: () => Database;
  /** Keeps predictions that neither the queue nor the database takes. */
  deadLetters: DeadLetterStore;
  now: () => Date;
  newId: () => string;
  /** Lets the recording outlive the request where the answer does not wait for it; null where it waits. */
  inBackground: ((work: Promise<unknown>) => void) | null;
};

/**
 * Records predictions on the first way that takes them:
 *
 * | Predictions made together | first    | then     | then     | at last                              |
 * |---------------------------|----------|----------|----------|--------------------------------------|
 * | fewer than 100            | queue    | database |          | dead letter, which the cron stores   |
 * | 100 or more               | database | queue    | database | dead letter, which the cron stores   |
 *
 * A single answer never waits for the database while the queue works. The answer to many predictions waits anyway, so they go to
 * the database at once, and can be read as soon as they are answered.
 *
 * | Way      | Is skipped for 30 s after                         |
 * |----------|---------------------------------------------------|
 * | queue    | it did not answer within 3 s                      |
 * | database | any failure of the database itself                |
 *
 * Predictions made together share messages: each message is billed, and a request may send only so many.
 */
export function createPredictionLog({ queue, database, deadLetters, now, newId, inBackground }: Ways): PredictionLog {
  const databaseBreaker = new CircuitBreaker(now);
  const queueBreaker = new CircuitBreaker(now);

  /** Stores as many as it can, and resolves to the others: what Postgres refuses, or all where the database is at fault. */
  async function store(predictions: readonly Prediction[]): Promise<ReadonlySet<Prediction>> {
    if (databaseBreaker.isOpen()) return new Set(predictions);
    try {
      return new Set((await insertPredictions(database, predictions)).keys());
    } catch (error) {
      logEvent('warn', 'predictions not stored at once', { predictions: predictions.length, cause: causeOf(error) });
      databaseBreaker.open();
      return new Set(predictions);
    }
  }

  async function isQueued(messages: readonly PackedMessage[], count: number): Promise<boolean> {
    if (queueBreaker.isOpen()) return false;
    const startedAt = now().getTime();
    const isSent = await succeeds('predictions not queued', count, () =>
      queue.sendBatch(messages.map(({ body }) => ({ body, contentType: 'text' }))),
    );
    // A queue that refuses at once delays no answer.
    if (!isSent && now().getTime() - startedAt >= PATIENCE_MS) queueBreaker.open();
    return isSent;
  }

  async function keep(predictions: readonly Prediction[]): Promise<'spooled' | 'failed'> {
    const receivedAt = now().toISOString();
    const isKept = await succeeds('predictions not spooled', predictions.length, () =>
      Promise.all(
        packPredictions(predictions, MAX_MESSAGE_BYTES).map(({ body }) =>
          keepDeadLetter(deadLetters, { messageId: newId(), receivedAt, body }),
        ),
      ),
    );
    return isKept ? 'spooled' : 'failed';
  }

  /** A prediction that Postgres refuses becomes a dead letter like the rest: the replay says why it cannot be stored. */
  async function recordWithoutQueue(predictions: readonly Prediction[]): Promise<Recorded[]> {
    const left = await store(predictions);
    const spooled = left.size > 0 ? await keep([...left]) : 'stored';
    return predictions.map((prediction) => (left.has(prediction) ? spooled : 'stored'));
  }

  async function record(predictions: readonly Prediction[]): Promise<Recorded[]> {
    if (predictions.length < MANY) return recordByQueue(predictions);
    const left = await store(predictions);
    const rest = [...left];
    const recorded = await recordByQueue(rest);
    const byPrediction = new Map(rest.map((prediction, i) => [prediction, recorded[i] ?? 'failed']));
    return predictions.map((prediction) => byPrediction.get(prediction) ?? 'stored');
  }

  async function recordByQueue(predictions: readonly Prediction[]): Promise<Recorded[]> {
    const recorded: Recorded[] = [];
    for (const messages of inSends(packPredictions(predictions, MAX_MESSAGE_BYTES))) {
      const count = messages.reduce((sum, message) => sum + message.count, 0);
      const sent = predictions.slice(recorded.length, recorded.length + count);
      const isSent = await isQueued(messages, count);
      recorded.push(...(isSent ? sent.map(() => 'queued' as const) : await recordWithoutQueue(sent)));
    }
    return recorded;
  }

  return {
    async record(predictions) {
      // The caller always waits for many: otherwise predictions would gather in memory faster than they are recorded.
      if (!inBackground || predictions.length >= MANY) return record(predictions);
      inBackground(record(predictions));
      return predictions.map(() => 'pending');
    },
  };
}

/** Whether the work succeeds in time. The log says why it does not. */
async function succeeds(event: string, predictions: number, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await withTimeout(PATIENCE_MS, work);
    return true;
  } catch (error) {
    logEvent('error', event, { predictions, cause: causeOf(error) });
    return false;
  }
}

/** Splits messages, in order, into groups that may be sent together. */
function inSends(messages: readonly PackedMessage[]): PackedMessage[][] {
  const sends: { messages: PackedMessage[]; bytes: number }[] = [];
  for (const message of messages) {
    const last = sends.at(-1);
    if (last && last.bytes + message.bytes <= MAX_SEND_BYTES) {
      last.messages.push(message);
      last.bytes += message.bytes;
    } else sends.push({ messages: [message], bytes: message.bytes });
  }
  return sends.map((it) => it.messages);
}

import type { Recorded } from '../../common/api/answers.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import { type PackedMessage, packPredictions } from '../../common/history/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { PredictionLog } from '../ports.ts';
import { within } from '../within.ts';
import type { Database } from './database.ts';
import { insertPredictions } from './insert-predictions.ts';
import { keepLetter, type LetterBox } from './letters.ts';

/**
 * A message is paid for by each 64 KB that it has (https://developers.cloudflare.com/queues/platform/pricing/). It may have
 * 128 KB, and the messages of one call 256 KB (https://developers.cloudflare.com/queues/platform/limits/).
 */
const MAX_MESSAGE_BYTES = 60_000;
const MAX_SEND_BYTES = 240_000;

/** So many predictions are worth a request to the database. */
const MANY = 100;
/** How long the database is not asked again after it failed, and the queue after it did not answer. */
const AVOIDED_MS = 30_000;
/** How long the queue, and R2, may take: whoever asked for the prediction is waiting. */
const PATIENCE_MS = 3000;

/** What is used of a queue. */
type Sender = { sendBatch(messages: { body: string; contentType: 'text' }[]): Promise<unknown> };

type Ways = {
  queue: Sender;
  database: () => Database;
  /** Where predictions are kept that neither the queue nor the database takes. */
  spool: LetterBox;
  now: () => Date;
  newId: () => string;
  /** Lets the recording outlive the request where the answer does not wait for it; null where it waits. */
  inBackground: ((work: Promise<unknown>) => void) | null;
};

/**
 * Records through the queue, so that an answer never waits for the database; but many predictions, which are waited for
 * anyway, are stored at once, and can be read as soon as they are answered. Where the queue does not take predictions the
 * database is asked to, and where that fails too they are spooled as letters, which the cron stores. Predictions that are made
 * together share messages: each message is an operation that is paid for, and a request may only send so often.
 */
export function createPredictionLog({ queue, database, spool, now, newId, inBackground }: Ways): PredictionLog {
  let databaseAvoidedUntil = Number.NEGATIVE_INFINITY;
  let queueAvoidedUntil = Number.NEGATIVE_INFINITY;

  /** Stores what it can, and resolves to what is not stored: what Postgres refuses, or all where the database is at fault. */
  async function store(predictions: readonly Prediction[]): Promise<ReadonlySet<Prediction>> {
    if (now().getTime() < databaseAvoidedUntil) return new Set(predictions);
    try {
      return new Set((await insertPredictions(database, predictions)).keys());
    } catch (error) {
      logEvent('warn', 'predictions not stored at once', { predictions: predictions.length, cause: causeOf(error) });
      databaseAvoidedUntil = now().getTime() + AVOIDED_MS;
      return new Set(predictions);
    }
  }

  async function isQueued(messages: readonly PackedMessage[], count: number): Promise<boolean> {
    if (now().getTime() < queueAvoidedUntil) return false;
    const startedAt = now().getTime();
    const isSent = await succeeds('predictions not queued', count, () =>
      queue.sendBatch(messages.map(({ body }) => ({ body, contentType: 'text' }))),
    );
    // One that refuses at once holds nobody up.
    if (!isSent && now().getTime() - startedAt >= PATIENCE_MS) queueAvoidedUntil = now().getTime() + AVOIDED_MS;
    return isSent;
  }

  async function keep(predictions: readonly Prediction[]): Promise<'spooled' | 'failed'> {
    const receivedAt = now().toISOString();
    const isKept = await succeeds('predictions not spooled', predictions.length, () =>
      Promise.all(
        packPredictions(predictions, MAX_MESSAGE_BYTES).map(({ body }) =>
          keepLetter(spool, { messageId: newId(), receivedAt, body }),
        ),
      ),
    );
    return isKept ? 'spooled' : 'failed';
  }

  /** What Postgres refuses is spooled like the rest: the replay says why it cannot be stored. */
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
      // Many at once are waited for in any case: an isolate cannot hold what it was never held up by.
      if (!inBackground || predictions.length >= MANY) return record(predictions);
      inBackground(record(predictions));
      return predictions.map(() => 'pending');
    },
  };
}

/** Whether what one waits for succeeds, and in time; the log says why not. */
async function succeeds(event: string, predictions: number, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await within(PATIENCE_MS, work);
    return true;
  } catch (error) {
    logEvent('error', event, { predictions, cause: causeOf(error) });
    return false;
  }
}

/** Splits messages, in order, into what may be sent together. */
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

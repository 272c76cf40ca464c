import type { Recorded } from '../../common/answers.ts';
import type { Prediction } from '../../common/prediction.ts';
import { type PackedMessage, packPredictions } from '../../common/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { PredictionLog } from '../ports.ts';
import type { Database } from './database.ts';
import { insertPredictions } from './insert-predictions.ts';

/**
 * A message is paid for by each 64 KB that it has (https://developers.cloudflare.com/queues/platform/pricing/). It may have
 * 128 KB, and the messages of one call 256 KB (https://developers.cloudflare.com/queues/platform/limits/).
 */
const MAX_MESSAGE_BYTES = 60_000;
const MAX_SEND_BYTES = 240_000;

/** What is used of a queue. */
type Sender = { sendBatch(messages: { body: string; contentType: 'text' }[]): Promise<unknown> };

/** So many predictions are worth a request to the database. */
const MANY = 100;
/** How long the queue takes all, after the database failed to. */
const AVOIDED_MS = 30_000;

/**
 * Records through the queue, so that an answer never waits for the database; but many predictions, which are waited for
 * anyway, are stored at once, and can be read as soon as they are answered. Where the database does not take them the queue
 * does. Predictions that are made together share messages: each message is an operation that is paid for, and a request may
 * only send so often.
 */
export function createPredictionLog(queue: Sender, database: () => Database, now: () => Date): PredictionLog {
  let avoidedUntil = Number.NEGATIVE_INFINITY;

  async function isStored(predictions: readonly Prediction[]): Promise<boolean> {
    if (predictions.length < MANY || now().getTime() < avoidedUntil) return false;
    try {
      return (await insertPredictions(database, predictions)).size === 0;
    } catch (error) {
      logEvent('warn', 'predictions not stored at once', { predictions: predictions.length, cause: causeOf(error) });
      avoidedUntil = now().getTime() + AVOIDED_MS;
      return false;
    }
  }

  return {
    async record(predictions) {
      if (await isStored(predictions)) return predictions.map(() => 'stored');
      const recorded: Recorded[] = [];
      for (const messages of inSends(packPredictions(predictions, MAX_MESSAGE_BYTES))) {
        const count = messages.reduce((sum, message) => sum + message.count, 0);
        recorded.push(...new Array<Recorded>(count).fill(await send(queue, messages)));
      }
      return recorded;
    },
  };
}

/** Predictions that cannot be recorded are still answered; the answer says so. */
async function send(queue: Sender, messages: readonly PackedMessage[]): Promise<Recorded> {
  try {
    await queue.sendBatch(messages.map(({ body }) => ({ body, contentType: 'text' })));
    return 'queued';
  } catch (error) {
    const predictions = messages.reduce((sum, { count }) => sum + count, 0);
    logEvent('error', 'predictions not queued', { predictions, cause: causeOf(error) });
    return 'failed';
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

import type { Recorded } from '../../common/answers.ts';
import { type PackedMessage, packPredictions } from '../../common/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { PredictionLog } from '../ports.ts';

/**
 * A message is paid for by each 64 KB that it has (https://developers.cloudflare.com/queues/platform/pricing/). It may have
 * 128 KB, and the messages of one call 256 KB (https://developers.cloudflare.com/queues/platform/limits/).
 */
const MAX_MESSAGE_BYTES = 60_000;
const MAX_SEND_BYTES = 240_000;

/** What is used of a queue. */
type Sender = { sendBatch(messages: { body: string; contentType: 'text' }[]): Promise<unknown> };

/**
 * Records through the queue, so that an answer never waits for the database. Predictions that are made together share
 * messages: each message is an operation that is paid for, and a request may only send so often.
 */
export function createPredictionLog(queue: Sender): PredictionLog {
  return {
    async record(predictions) {
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

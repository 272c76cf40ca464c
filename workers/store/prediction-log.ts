import type { Recorded } from '../../common/answers.ts';
import type { Prediction } from '../../common/prediction.ts';
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
type Sender = { sendBatch(messages: { body: Prediction[]; contentType: 'json' }[]): Promise<unknown> };

type Sized = { body: Prediction[]; bytes: number };

/**
 * Records through the queue, so that an answer never waits for the database. Predictions that are made together share
 * messages: each message is an operation that is paid for, and a request may only send so often.
 */
export function createPredictionLog(queue: Sender): PredictionLog {
  return {
    async record(predictions) {
      const recorded: Recorded[] = [];
      for (const messages of group(group(predictions.map(sized), MAX_MESSAGE_BYTES).map(toMessage), MAX_SEND_BYTES)) {
        const count = messages.reduce((sum, { body }) => sum + body.length, 0);
        recorded.push(...new Array<Recorded>(count).fill(await send(queue, messages)));
      }
      return recorded;
    },
  };
}

/** A prediction that cannot be recorded is still answered; the answer says so. */
async function send(queue: Sender, messages: readonly Sized[]): Promise<Recorded> {
  try {
    await queue.sendBatch(messages.map(({ body }) => ({ body, contentType: 'json' })));
    return 'queued';
  } catch (error) {
    const ids = messages.flatMap(({ body }) => body.map(({ id }) => id));
    logEvent('error', 'predictions not queued', { count: ids.length, first: ids[0], cause: causeOf(error) });
    return 'failed';
  }
}

function sized(prediction: Prediction): Sized {
  return { body: [prediction], bytes: new TextEncoder().encode(JSON.stringify(prediction)).byteLength + 1 };
}

function toMessage(parts: readonly Sized[]): Sized {
  return {
    body: parts.flatMap(({ body }) => body),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 2),
  };
}

/** Splits items, in order, into the fewest groups of at most `maxBytes`. An item that is larger has a group of its own. */
function group(items: readonly Sized[], maxBytes: number): Sized[][] {
  const groups: Sized[][] = [];
  let current: Sized[] = [];
  let bytes = 0;
  for (const item of items) {
    if (current.length > 0 && bytes + item.bytes > maxBytes) {
      groups.push(current);
      current = [];
      bytes = 0;
    }
    current.push(item);
    bytes += item.bytes;
  }
  return current.length > 0 ? [...groups, current] : groups;
}

import { z } from 'zod';
import { Prediction } from '../../common/prediction.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import { type Database, isAboutRows } from '../store/database.ts';
import { insertPredictions } from '../store/prediction-log.ts';

/** Letters that wait to be replayed, by the day on which they arrived: keys sort by age. */
const WAITING = 'dead-letters/';
/** Letters that can never be stored as they are, and why. */
const REFUSED = 'unreplayable/';

/** How many letters are read and stored together: each is one request to R2. */
const BATCH = 100;
/** How many batches one run of the cron replays: Workers may make 1,000 requests an invocation. */
const BATCHES = 8;
const RETRY_SECONDS = 300;

const DeadLetter = z.object({ messageId: z.string(), receivedAt: z.iso.datetime(), body: z.unknown() });

/** Keeps each message of a dead-letter queue as an R2 object. One that cannot be kept is delivered again later. */
export async function keepDeadLetters(batch: MessageBatch, bucket: R2Bucket, now: Date): Promise<void> {
  for (const message of batch.messages) {
    const { id, body } = message;
    const receivedAt = now.toISOString();
    const key = `${WAITING}${receivedAt.slice(0, 10).replaceAll('-', '/')}/${id}.json`;
    try {
      await bucket.put(key, JSON.stringify({ messageId: id, receivedAt, body }));
      message.ack();
      logEvent('warn', 'dead letter kept', { key });
    } catch (error) {
      logEvent('error', 'dead letter not kept', { messageId: id, cause: causeOf(error) });
      message.retry({ delaySeconds: RETRY_SECONDS });
    }
  }
}

/** What became of a batch of letters. */
type Outcome = { stored: number; refused: number; left: number };

/**
 * Stores dead letters, the oldest first, and removes those that are stored. One that is malformed, or that Postgres refuses,
 * is set aside with the reason. The run ends where the database is at fault; the next one begins again with the oldest.
 */
export async function replayDeadLetters(bucket: R2Bucket, database: () => Database): Promise<void> {
  const total: Outcome = { stored: 0, refused: 0, left: 0 };
  let startAfter: string | undefined;
  for (let i = 0; i < BATCHES; i++) {
    const { objects, truncated } = await bucket.list({
      prefix: WAITING,
      limit: BATCH,
      ...(startAfter && { startAfter }),
    });
    const keys = objects.map(({ key }) => key);
    const outcome = await replay(bucket, database, keys);
    total.stored += outcome.stored;
    total.refused += outcome.refused;
    total.left += outcome.left;
    startAfter = keys.at(-1);
    if (!truncated || (outcome.left > 0 && outcome.stored === 0)) break;
  }
  if (total.stored + total.refused + total.left > 0) logEvent('info', 'dead letters replayed', total);
}

async function replay(bucket: R2Bucket, database: () => Database, keys: readonly string[]): Promise<Outcome> {
  const letters: Letter[] = [];
  let refused = 0;
  for (const key of keys) {
    const letter = await readLetter(bucket, key);
    if ('prediction' in letter) letters.push(letter);
    else {
      await setAside(bucket, key, letter.reason);
      refused++;
    }
  }
  const outcome = await store(bucket, database, letters);
  return { ...outcome, refused: outcome.refused + refused };
}

type Letter = { key: string; prediction: Prediction };

async function readLetter(bucket: R2Bucket, key: string): Promise<Letter | { reason: string }> {
  const object = await bucket.get(key);
  try {
    const { body } = DeadLetter.parse(JSON.parse((await object?.text()) ?? ''));
    return { key, prediction: Prediction.parse(body) };
  } catch (error) {
    return { reason: causeOf(error) };
  }
}

/** One statement for all letters; one each where Postgres refuses what one of them holds. */
async function store(bucket: R2Bucket, database: () => Database, letters: readonly Letter[]): Promise<Outcome> {
  const [first] = letters;
  if (!first) return { stored: 0, refused: 0, left: 0 };
  try {
    await insertPredictions(
      database(),
      letters.map(({ prediction }) => prediction),
    );
    await bucket.delete(letters.map(({ key }) => key));
    return { stored: letters.length, refused: 0, left: 0 };
  } catch (error) {
    if (!isAboutRows(error)) {
      logEvent('error', 'dead letters not replayed', { letters: letters.length, cause: causeOf(error) });
      return { stored: 0, refused: 0, left: letters.length };
    }
    if (letters.length === 1) {
      await setAside(bucket, first.key, causeOf(error));
      return { stored: 0, refused: 1, left: 0 };
    }
    const total: Outcome = { stored: 0, refused: 0, left: 0 };
    for (const letter of letters) {
      const { stored, refused, left } = await store(bucket, database, [letter]);
      total.stored += stored;
      total.refused += refused;
      total.left += left;
    }
    return total;
  }
}

async function setAside(bucket: R2Bucket, key: string, reason: string): Promise<void> {
  const object = await bucket.get(key);
  if (!object) return;
  const customMetadata = { reason: reason.slice(0, 1000) };
  await bucket.put(key.replace(WAITING, REFUSED), await object.arrayBuffer(), { customMetadata });
  await bucket.delete(key);
  logEvent('error', 'dead letter cannot be replayed', { key, cause: reason });
}

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

/** How many letters one run of the cron replays. */
const BATCH = 100;
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

/**
 * Stores the oldest dead letters, and removes each that is stored. One that is malformed, or that Postgres refuses, is moved
 * aside with the reason; the run ends where the database is at fault, and the next one goes on.
 */
export async function replayDeadLetters(bucket: R2Bucket, database: () => Database): Promise<void> {
  const { objects, truncated } = await bucket.list({ prefix: WAITING, limit: BATCH });
  let stored = 0;
  for (const { key } of objects) {
    try {
      await replay(bucket, database, key);
      stored++;
    } catch (error) {
      if (!(error instanceof z.ZodError) && !(error instanceof SyntaxError) && !isAboutRows(error)) {
        logEvent('error', 'replay interrupted', { key, stored, cause: causeOf(error) });
        return;
      }
      await setAside(bucket, key, causeOf(error));
    }
  }
  if (objects.length > 0)
    logEvent('info', 'dead letters replayed', { stored, refused: objects.length - stored, more: truncated });
}

async function replay(bucket: R2Bucket, database: () => Database, key: string): Promise<void> {
  const object = await bucket.get(key);
  if (!object) return;
  const { body } = DeadLetter.parse(JSON.parse(await object.text()));
  await insertPredictions(database(), [Prediction.parse(body)]);
  await bucket.delete(key);
}

async function setAside(bucket: R2Bucket, key: string, reason: string): Promise<void> {
  const object = await bucket.get(key);
  if (!object) return;
  await bucket.put(key.replace(WAITING, REFUSED), await object.arrayBuffer(), {
    customMetadata: { reason: reason.slice(0, 1000) },
  });
  await bucket.delete(key);
  logEvent('error', 'dead letter cannot be replayed', { key, cause: reason });
}

import { z } from 'zod';
import { type ReadMessage, readMessage } from '../../common/prediction-message.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Database } from '../store/database.ts';
import { insertPredictions } from '../store/insert-predictions.ts';

/** Letters that wait to be replayed, by the day on which they arrived: keys sort by age. */
const WAITING = 'dead-letters/';
/** What can never be stored as it is, and why, under the key that it waited under. */
const REFUSED = 'unreplayable/';

/** How many letters are read and stored together: each is one request to R2, and may hold hundreds of predictions. */
const BATCH = 25;
/** How many batches one run of the cron replays: Workers may make 1,000 requests an invocation. */
const BATCHES = 32;
/** As many keys as one request to R2 deletes. */
const DELETED = 1000;
const RETRY_SECONDS = 300;

const DeadLetter = z.object({ messageId: z.string(), receivedAt: z.iso.datetime(), body: z.unknown() });
type DeadLetter = z.infer<typeof DeadLetter>;

/** Keeps each message of a dead-letter queue as an R2 object. One that cannot be kept is delivered again later. */
export async function keepDeadLetters(batch: MessageBatch, bucket: R2Bucket, now: Date): Promise<void> {
  for (const message of batch.messages) {
    const { id, body } = message;
    const receivedAt = now.toISOString();
    const key = `${folderOf(WAITING, now)}${id}.json`;
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

/** What became of letters. One is refused if anything of it is. */
type Replay = { stored: number; refused: number; left: number };

/**
 * Stores dead letters, the oldest first, and removes those that are stored. What is malformed, or refused by Postgres, is
 * set aside with the reason. The run ends where the database is at fault; the next one begins again with the oldest.
 * Resolves to whether letters are still waiting.
 */
export async function replayDeadLetters(bucket: R2Bucket, database: () => Database): Promise<boolean> {
  const total: Replay = { stored: 0, refused: 0, left: 0 };
  let startAfter: string | undefined;
  let truncated = true;
  for (let i = 0; truncated && total.left === 0 && i < BATCHES; i++) {
    const listed = await bucket.list({ prefix: WAITING, limit: BATCH, ...(startAfter && { startAfter }) });
    const keys = listed.objects.map(({ key }) => key);
    const { stored, refused, left } = await replay(bucket, database, keys);
    total.stored += stored;
    total.refused += refused;
    total.left += left;
    startAfter = keys.at(-1);
    truncated = listed.truncated;
  }
  if (total.stored + total.refused + total.left > 0) logEvent('info', 'dead letters replayed', total);
  return truncated || total.left > 0;
}

/** Removes what was set aside before a time, a thousand objects at most. */
export async function removeUnreplayable(bucket: R2Bucket, before: Date): Promise<void> {
  const { objects } = await bucket.list({ prefix: REFUSED, limit: DELETED });
  const keys = objects.map(({ key }) => key).filter((key) => key < folderOf(REFUSED, before));
  if (keys.length === 0) return;
  await bucket.delete(keys);
  logEvent('info', 'unreplayable letters removed', { letters: keys.length });
}

function folderOf(prefix: string, day: Date): string {
  return `${prefix}${day.toISOString().slice(0, 10).replaceAll('-', '/')}/`;
}

async function replay(bucket: R2Bucket, database: () => Database, keys: readonly string[]): Promise<Replay> {
  const letters: Letter[] = [];
  let unreadable = 0;
  for (const key of keys) {
    const text = await (await bucket.get(key))?.text();
    // Another run was faster.
    if (text === undefined) continue;
    const letter = readLetter(key, text);
    if ('reason' in letter) {
      await setAside(bucket, key, text, letter.reason);
      unreadable++;
    } else letters.push(letter);
  }
  const outcome = await store(bucket, database, letters);
  return { ...outcome, refused: outcome.refused + unreadable };
}

type Letter = ReadMessage & { key: string; letter: DeadLetter };

function readLetter(key: string, text: string): Letter | { reason: string } {
  try {
    const letter = DeadLetter.parse(JSON.parse(text));
    return { key, letter, ...readMessage(letter.body) };
  } catch (error) {
    return { reason: causeOf(error) };
  }
}

async function store(bucket: R2Bucket, database: () => Database, letters: readonly Letter[]): Promise<Replay> {
  const all = letters.flatMap(({ predictions }) => predictions);
  let refused: ReadonlyMap<unknown, unknown>;
  try {
    refused = await insertPredictions(database, all);
  } catch (error) {
    logEvent('error', 'dead letters not replayed', { letters: letters.length, cause: causeOf(error) });
    return { stored: 0, refused: 0, left: letters.length };
  }
  const done: string[] = [];
  for (const { key, letter, predictions, malformed } of letters) {
    const bad = [
      ...malformed,
      ...predictions.flatMap((value) => (refused.has(value) ? [{ value, reason: refused.get(value) }] : [])),
    ];
    const [first] = bad;
    if (first) {
      const rest = { ...letter, body: bad.map(({ value }) => value) };
      await setAside(bucket, key, JSON.stringify(rest), causeOf(first.reason));
    } else done.push(key);
  }
  if (done.length > 0) await bucket.delete(done);
  return { stored: done.length, refused: letters.length - done.length, left: 0 };
}

async function setAside(bucket: R2Bucket, key: string, text: string, reason: string): Promise<void> {
  const customMetadata = { reason: reason.slice(0, 1000) };
  await bucket.put(key.replace(WAITING, REFUSED), text, { customMetadata });
  await bucket.delete(key);
  logEvent('error', 'dead letter cannot be replayed', { key, cause: reason });
}

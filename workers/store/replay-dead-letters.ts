import { type ReadMessage, readMessage } from '../../common/history/prediction-message.ts';
import { causeOf } from '../errors.ts';
import type { Database } from './database.ts';
import { DeadLetter, type DeadLetterStore, setAsideDeadLetter, UNREPLAYABLE, WAITING } from './dead-letters.ts';
import { insertPredictions } from './insert-predictions.ts';
import { unstorableOf } from './store-messages.ts';

/** How many dead letters are stored together. Each is one request to R2, and may hold hundreds of predictions. */
const BATCH = 25;

/** What a replay did. A dead letter counts as refused if any part of it is. */
export type Replay = {
  stored: number;
  /** The dead letters that were set aside, under their new keys. */
  refused: { key: string; reason: string }[];
  /** Why the run ended early: the database was at fault. */
  failure: string | null;
  /** Whether dead letters still wait. */
  more: boolean;
};

type Options = {
  /** How many batches of 25 dead letters are replayed at most. */
  batches: number;
  /** Called after each batch. */
  progress?: (replay: Replay) => void;
};

/**
 * Stores the dead letters that wait, the oldest first, and removes those that are stored. A part that is malformed, or that
 * Postgres refuses, is set aside with the reason. A failure of the database ends the run; the next run begins again with the
 * oldest.
 */
export async function replayDeadLetters(
  deadLetters: DeadLetterStore,
  database: () => Database,
  { batches, progress }: Options,
): Promise<Replay> {
  const replay: Replay = { stored: 0, refused: [], failure: null, more: true };
  let after: string | null = null;
  for (let i = 0; replay.more && replay.failure === null && i < batches; i++) {
    const { keys, more } = await deadLetters.list(WAITING, BATCH, after);
    after = keys.at(-1) ?? null;
    replay.more = more;
    await replayBatch(deadLetters, database, keys, replay);
    progress?.(replay);
  }
  replay.more ||= replay.failure !== null;
  return replay;
}

type Opened = ReadMessage & { key: string; letter: DeadLetter };

async function replayBatch(
  deadLetters: DeadLetterStore,
  database: () => Database,
  keys: readonly string[],
  replay: Replay,
): Promise<void> {
  const letters: Opened[] = [];
  for (const key of keys) {
    const text = await deadLetters.read(key);
    if (text === null) continue;
    const opened = openLetter(key, text);
    if ('reason' in opened) {
      // The file is not even a dead letter: it is set aside as it is.
      await deadLetters.write(key.replace(WAITING, UNREPLAYABLE), text);
      await deadLetters.remove([key]);
      replay.refused.push({ key: key.replace(WAITING, UNREPLAYABLE), reason: opened.reason });
    } else letters.push(opened);
  }
  const all = letters.flatMap(({ predictions }) => predictions);
  let refused: ReadonlyMap<unknown, unknown>;
  try {
    refused = await insertPredictions(database, all);
  } catch (error) {
    replay.failure = causeOf(error);
    return;
  }
  const done: string[] = [];
  for (const { key, letter, ...read } of letters) {
    const bad = unstorableOf(read, refused);
    const [first] = bad;
    if (first) {
      const rest = { ...letter, body: bad.map(({ value }) => value) };
      replay.refused.push({ key: await setAsideDeadLetter(deadLetters, rest, first.reason), reason: first.reason });
    } else replay.stored++;
    done.push(key);
  }
  if (done.length > 0) await deadLetters.remove(done);
}

function openLetter(key: string, text: string): Opened | { reason: string } {
  try {
    const letter = DeadLetter.parse(JSON.parse(text));
    return { key, letter, ...readMessage(letter.body) };
  } catch (error) {
    // The message of JSON.parse would repeat a part of the text.
    return { reason: error instanceof SyntaxError ? 'it is not JSON' : causeOf(error) };
  }
}

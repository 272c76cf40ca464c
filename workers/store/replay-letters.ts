import { type ReadMessage, readMessage } from '../../common/history/prediction-message.ts';
import { causeOf } from '../errors.ts';
import type { Database } from './database.ts';
import { insertPredictions } from './insert-predictions.ts';
import { Letter, type LetterBox, REFUSED, refuseLetter, WAITING } from './letters.ts';

/** How many letters are read and stored together: each is one request to R2, and may hold hundreds of predictions. */
const BATCH = 25;

/** What became of letters. One is refused if anything of it is. */
export type Replay = {
  stored: number;
  /** What was set aside, under its new key. */
  refused: { key: string; reason: string }[];
  /** Why the run ended early: the database was at fault. */
  failure: string | null;
  /** Whether letters still wait. */
  more: boolean;
};

type Options = {
  /** How many batches of 25 letters are replayed at most. */
  batches: number;
  /** Called after each batch. */
  progress?: (replay: Replay) => void;
};

/**
 * Stores letters that wait, the oldest first, and removes those that are stored. What is malformed, or refused by Postgres,
 * is set aside with the reason. The run ends where the database is at fault; the next one begins again with the oldest.
 */
export async function replayLetters(
  box: LetterBox,
  database: () => Database,
  { batches, progress }: Options,
): Promise<Replay> {
  const replay: Replay = { stored: 0, refused: [], failure: null, more: true };
  let after: string | null = null;
  for (let i = 0; replay.more && replay.failure === null && i < batches; i++) {
    const { keys, more } = await box.list(WAITING, BATCH, after);
    after = keys.at(-1) ?? null;
    replay.more = more;
    await replayBatch(box, database, keys, replay);
    progress?.(replay);
  }
  replay.more ||= replay.failure !== null;
  return replay;
}

type Opened = ReadMessage & { key: string; letter: Letter };

async function replayBatch(
  box: LetterBox,
  database: () => Database,
  keys: readonly string[],
  replay: Replay,
): Promise<void> {
  const letters: Opened[] = [];
  for (const key of keys) {
    const text = await box.read(key);
    if (text === null) continue;
    const opened = openLetter(key, text);
    if ('reason' in opened) {
      // Not even a letter: it is kept as it is.
      await box.write(key.replace(WAITING, REFUSED), text);
      await box.remove([key]);
      replay.refused.push({ key: key.replace(WAITING, REFUSED), reason: opened.reason });
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
  for (const { key, letter, predictions, malformed } of letters) {
    const bad = refusedOf({ predictions, malformed }, refused);
    const [first] = bad;
    if (first) {
      const rest = { ...letter, body: bad.map(({ value }) => value) };
      replay.refused.push({ key: await refuseLetter(box, rest, first.reason), reason: first.reason });
    } else replay.stored++;
    done.push(key);
  }
  if (done.length > 0) await box.remove(done);
}

function openLetter(key: string, text: string): Opened | { reason: string } {
  try {
    const letter = Letter.parse(JSON.parse(text));
    return { key, letter, ...readMessage(letter.body) };
  } catch (error) {
    // The words of JSON.parse would repeat what they are about.
    return { reason: error instanceof SyntaxError ? 'it is not JSON' : causeOf(error) };
  }
}

/** What of a message can never be stored, as messages of their own, and why. */
export function refusedOf(
  { predictions, malformed }: ReadMessage,
  refused: ReadonlyMap<unknown, unknown>,
): { value: unknown; reason: string }[] {
  const all = [
    ...malformed,
    ...predictions.flatMap((value) => (refused.has(value) ? [{ value, reason: refused.get(value) }] : [])),
  ];
  return all.map(({ value, reason }) => ({ value, reason: causeOf(reason) }));
}

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { keepLetter } from '../../../workers/store/letters.ts';
import { UserError } from '../cli.ts';
import type { ObjectStore } from '../model/object-store.ts';
import { plural, readTextIfPresent } from '../text.ts';
import { letterBoxOf } from './letter-box.ts';
import { countPredictions } from './queue-notes.ts';

/**
 * The messages that the local queue, which ends with its process, still held. A Ctrl-C stops wrangler's helpers as well, so
 * that its R2 cannot be written any more: they wait in a file, and become letters at the next start.
 */
const pathIn = (directory: string) => join(directory, 'left-in-the-queue.json');

const Left = z.object({ receivedAt: z.iso.datetime(), bodies: z.array(z.string()) });
export type Left = z.infer<typeof Left>;

export async function keepLeft(directory: string, bodies: string[]): Promise<void> {
  const left: Left = { receivedAt: new Date().toISOString(), bodies };
  // Whole, or not at all: nothing else has them.
  const temporary = `${pathIn(directory)}.new`;
  await writeFile(temporary, JSON.stringify(left));
  await rename(temporary, pathIn(directory));
}

/** Null where an earlier run left nothing. */
export async function readLeft(directory: string): Promise<Left | null> {
  const text = await readTextIfPresent(pathIn(directory));
  if (text === null) return null;
  try {
    return Left.parse(JSON.parse(text));
  } catch {
    throw new UserError(
      `${pathIn(directory)}, which has what an earlier run could not store, cannot be read. Mend it, or move it away to start without those predictions.`,
    );
  }
}

export async function turnIntoLetters(
  directory: string,
  { receivedAt, bodies }: Left,
  store: ObjectStore,
): Promise<void> {
  const box = letterBoxOf(store);
  for (const body of bodies) await keepLetter(box, { messageId: uuidv7(), receivedAt, body });
  await rm(pathIn(directory));
}

/** How many predictions messages hold, in words; how many messages, where nobody can read them. */
export function describeLeft(bodies: readonly string[]): string {
  const predictions = countPredictions(bodies);
  return predictions > 0 ? plural(predictions, 'prediction') : plural(bodies.length, 'message');
}

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import { keepDeadLetter } from '../../../workers/store/dead-letters.ts';
import { UserError } from '../cli.ts';
import type { ObjectStore } from '../model/object-store.ts';
import { plural, readTextIfPresent } from '../text.ts';
import { deadLettersInStore } from './dead-letter-store.ts';
import { countPredictions } from './queue-journal.ts';

/**
 * The messages that the local queue had not delivered when its process ended. A Ctrl-C stops wrangler's R2 too, so they wait in
 * this file. The next start turns them into dead letters.
 */
const pathIn = (directory: string) => join(directory, 'left-in-the-queue.json');

const Undelivered = z.object({ receivedAt: z.iso.datetime(), bodies: z.array(z.string()) });
export type Undelivered = z.infer<typeof Undelivered>;

export async function keepUndelivered(directory: string, bodies: string[]): Promise<void> {
  const undelivered: Undelivered = { receivedAt: new Date().toISOString(), bodies };
  // Written whole or not at all: there is no other copy.
  const temporary = `${pathIn(directory)}.new`;
  await writeFile(temporary, JSON.stringify(undelivered));
  await rename(temporary, pathIn(directory));
}

/** Null where an earlier run delivered everything. */
export async function readUndelivered(directory: string): Promise<Undelivered | null> {
  const text = await readTextIfPresent(pathIn(directory));
  if (text === null) return null;
  try {
    return Undelivered.parse(JSON.parse(text));
  } catch {
    throw new UserError(
      `${pathIn(directory)}, which has what an earlier run could not store, cannot be read. Mend it, or move it away to start without those predictions.`,
    );
  }
}

export async function turnIntoDeadLetters(
  directory: string,
  { receivedAt, bodies }: Undelivered,
  store: ObjectStore,
): Promise<void> {
  const deadLetters = deadLettersInStore(store);
  for (const body of bodies) await keepDeadLetter(deadLetters, { messageId: uuidv7(), receivedAt, body });
  await rm(pathIn(directory));
}

/** Counts the predictions in messages, in words; counts the messages where none can be read. */
export function describeUndelivered(bodies: readonly string[]): string {
  const predictions = countPredictions(bodies);
  return predictions > 0 ? plural(predictions, 'prediction') : plural(bodies.length, 'message');
}

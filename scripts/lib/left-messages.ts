import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { keepLetter } from '../../workers/store/letters.ts';
import { letterBoxOf } from './letter-box.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * The messages that the local queue, which ends with its process, still held. A Ctrl-C stops wrangler's helpers as well, so
 * that its R2 cannot be written any more: they wait in a file, and become letters at the next start.
 */
const pathIn = (directory: string) => join(directory, 'left-in-the-queue.json');

const Left = z.object({ receivedAt: z.iso.datetime(), bodies: z.array(z.string()) });
export type Left = z.infer<typeof Left>;

export async function keepLeft(directory: string, bodies: string[]): Promise<void> {
  const left: Left = { receivedAt: new Date().toISOString(), bodies };
  await writeFile(pathIn(directory), JSON.stringify(left));
}

/** Null where an earlier run left nothing. */
export async function readLeft(directory: string): Promise<Left | null> {
  const text = await readFile(pathIn(directory), 'utf8').catch(() => null);
  return text === null ? null : Left.parse(JSON.parse(text));
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

import * as z from 'zod';
import type { BacklogCounts } from '../ports.ts';

/**
 * Where predictions are kept that could not be stored: an R2 bucket, or what stands for one. Keys are listed in ascending
 * order.
 */
export interface LetterBox {
  list(prefix: string, limit: number, after: string | null): Promise<{ keys: string[]; more: boolean }>;
  /** Null if there is none: another run was faster. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
  /** A thousand at most. */
  remove(keys: readonly string[]): Promise<void>;
}

/** A message of predictions that did not reach the database, and why not, if that is known. */
export const Letter = z.object({
  messageId: z.string(),
  receivedAt: z.iso.datetime(),
  /** As it was or would have been sent through the queue. */
  body: z.unknown(),
  reason: z.string().optional(),
});
export type Letter = z.infer<typeof Letter>;

/** Letters that wait to be replayed, by the day on which they arrived: keys sort by age. */
export const WAITING = 'dead-letters/';
/** What can never be stored as it is, with the reason, under the key that it waited or would have waited under. */
export const REFUSED = 'unreplayable/';

const COUNTED = 1000;
const LONGEST_REASON = 1000;

/** The folder, under a prefix, of the letters of a day. */
export function folderOf(prefix: string, day: string): string {
  return `${prefix}${day.slice(0, 10).replaceAll('-', '/')}/`;
}

/** Keeps a letter until it is replayed, and resolves to its key. */
export async function keepLetter(box: LetterBox, letter: Letter): Promise<string> {
  const key = `${folderOf(WAITING, letter.receivedAt)}${letter.messageId}.json`;
  await box.write(key, JSON.stringify(letter));
  return key;
}

/** Keeps a letter that no replay can store, with the reason, and resolves to its key. */
export async function refuseLetter(box: LetterBox, letter: Letter, reason: string): Promise<string> {
  const key = `${folderOf(REFUSED, letter.receivedAt)}${letter.messageId}.json`;
  await box.write(key, JSON.stringify({ ...letter, reason: reason.slice(0, LONGEST_REASON) }));
  return key;
}

/** Counts letters, to 1,000 of each kind. */
export async function countLetters(box: LetterBox): Promise<Omit<BacklogCounts, 'queued'>> {
  const [waiting, refused] = await Promise.all([box.list(WAITING, COUNTED, null), box.list(REFUSED, COUNTED, null)]);
  const oldest = waiting.keys[0]?.slice(WAITING.length, WAITING.length + 'yyyy/mm/dd'.length).replaceAll('/', '-');
  return { waiting: waiting.keys.length, oldest: oldest ?? null, unreplayable: refused.keys.length };
}

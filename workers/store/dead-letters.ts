import * as z from 'zod';
import type { BacklogCounts } from '../ports.ts';

/** Where dead letters are kept: an R2 bucket, or a stand-in for one. Keys are listed in ascending order. */
export interface DeadLetterStore {
  list(prefix: string, limit: number, after: string | null): Promise<{ keys: string[]; more: boolean }>;
  /** Null if there is none: another run was faster. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
  /** A thousand at most. */
  remove(keys: readonly string[]): Promise<void>;
}

/** A message of predictions that did not reach the database, and the reason, if it is known. */
export const DeadLetter = z.object({
  messageId: z.string(),
  receivedAt: z.iso.datetime(),
  /** The body of the message, as it was or would have been sent through the queue. */
  body: z.unknown(),
  reason: z.string().optional(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** The prefix of dead letters that wait to be replayed. A folder for each day of arrival follows: keys sort by age. */
export const WAITING = 'dead-letters/';
/** The prefix of dead letters that no replay can store. What follows is the same as for one that waits. */
export const UNREPLAYABLE = 'unreplayable/';

const COUNTED = 1000;
const LONGEST_REASON = 1000;

/** The folder, under a prefix, of the dead letters of a day. */
export function folderOf(prefix: string, day: string): string {
  return `${prefix}${day.slice(0, 10).replaceAll('-', '/')}/`;
}

/** Keeps a dead letter until it is replayed, and resolves to its key. */
export async function keepDeadLetter(deadLetters: DeadLetterStore, letter: DeadLetter): Promise<string> {
  const key = `${folderOf(WAITING, letter.receivedAt)}${letter.messageId}.json`;
  await deadLetters.write(key, JSON.stringify(letter));
  return key;
}

/** Keeps a dead letter that no replay can store, with the reason, and resolves to its key. */
export async function setAsideDeadLetter(
  deadLetters: DeadLetterStore,
  letter: DeadLetter,
  reason: string,
): Promise<string> {
  const key = `${folderOf(UNREPLAYABLE, letter.receivedAt)}${letter.messageId}.json`;
  await deadLetters.write(key, JSON.stringify({ ...letter, reason: reason.slice(0, LONGEST_REASON) }));
  return key;
}

/** Counts dead letters, up to 1,000 of each kind. */
export async function countDeadLetters(deadLetters: DeadLetterStore): Promise<Omit<BacklogCounts, 'queued'>> {
  const [waiting, unreplayable] = await Promise.all([
    deadLetters.list(WAITING, COUNTED, null),
    deadLetters.list(UNREPLAYABLE, COUNTED, null),
  ]);
  const oldest = waiting.keys[0]?.slice(WAITING.length, WAITING.length + 'yyyy/mm/dd'.length).replaceAll('/', '-');
  return { waiting: waiting.keys.length, oldest: oldest ?? null, unreplayable: unreplayable.keys.length };
}

import type { Backlog, BacklogCounts } from '../ports.ts';
import { askSeldom } from './ask-seldom.ts';
import { countLetters, type LetterBox } from './letters.ts';

type Places = {
  queue: { metrics(): Promise<{ backlogCount: number }> };
  letters: LetterBox;
};

export async function countBacklog({ queue, letters }: Places): Promise<BacklogCounts> {
  const [{ backlogCount: queued }, counted] = await Promise.all([queue.metrics(), countLetters(letters)]);
  return { queued, ...counted };
}

type Options = {
  /** Milliseconds since the epoch. */
  now: () => number;
  keepAlive: (work: Promise<unknown>) => void;
};

/** Counting costs operations of R2: an isolate does it seldom. */
export function createBacklog(places: Places, { now, keepAlive }: Options): Backlog {
  return { count: askSeldom(() => countBacklog(places), { keptMs: 15_000, patienceMs: 3000, now, keepAlive }) };
}

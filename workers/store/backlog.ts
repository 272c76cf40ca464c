import type { Backlog, BacklogCounts } from '../ports.ts';
import { countLetters, type LetterBox } from './letters.ts';

/** Counting costs operations of R2, and anybody may ask: isolates count at most so often. */
const KEPT_MS = 15_000;

type Options = {
  queue: { metrics(): Promise<{ backlogCount: number }> };
  letters: LetterBox;
  /** Milliseconds since the epoch. */
  now: () => number;
};

export function createBacklog({ queue, letters, now }: Options): Backlog {
  let known: { at: number; counts: BacklogCounts } | null = null;
  return {
    async count() {
      if (known && now() - known.at < KEPT_MS) return known.counts;
      const [{ backlogCount: queued }, counted] = await Promise.all([queue.metrics(), countLetters(letters)]);
      known = { at: now(), counts: { queued, ...counted } };
      return known.counts;
    },
  };
}

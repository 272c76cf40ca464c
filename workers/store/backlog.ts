import type { Backlog, BacklogCounts } from '../ports.ts';
import { within } from '../within.ts';
import { countLetters, type LetterBox } from './letters.ts';

/** Counting costs operations of R2, and anybody may ask: isolates count at most so often. */
const KEPT_MS = 15_000;
const PATIENCE_MS = 3000;

type Options = {
  queue: { metrics(): Promise<{ backlogCount: number }> };
  letters: LetterBox;
  /** Milliseconds since the epoch. */
  now: () => number;
};

export function createBacklog({ queue, letters, now }: Options): Backlog {
  // What came of it, not the promise: nobody may wait for what another request has asked.
  let known: { at: number; outcome: PromiseSettledResult<BacklogCounts> } | null = null;
  async function count(): Promise<BacklogCounts> {
    const [{ backlogCount: queued }, counted] = await Promise.all([queue.metrics(), countLetters(letters)]);
    return { queued, ...counted };
  }
  return {
    async count() {
      if (!known || now() - known.at >= KEPT_MS) {
        const [outcome] = await Promise.allSettled([within(PATIENCE_MS, count)]);
        known = { at: now(), outcome };
      }
      if (known.outcome.status === 'rejected') throw known.outcome.reason;
      return known.outcome.value;
    },
  };
}

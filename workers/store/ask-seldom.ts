import { within } from '../within.ts';

type Options = {
  /** How long an answer holds, be it good or bad. */
  keptMs: number;
  /** How long is waited for one. Shorter, so that what hangs is never waited for when the next one is due. */
  patienceMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: its other waiters depend on it. */
  keepAlive: (work: Promise<unknown>) => void;
};

/**
 * Asks what anybody may have asked, and what costs: whoever asks while it is asked, or soon after, gets the same answer. What
 * fails is not asked more often than what answers.
 */
export function askSeldom<T>(ask: () => Promise<T>, { keptMs, patienceMs, now, keepAlive }: Options): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | null = null;
  return () => {
    const at = now();
    if (!last || at - last.at >= keptMs) {
      last = { at, answer: ask() };
      keepAlive(last.answer.catch(() => undefined));
    }
    const { answer } = last;
    return within(patienceMs, () => answer);
  };
}

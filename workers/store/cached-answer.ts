import { withTimeout } from '../with-timeout.ts';

type Options = {
  /** How long an answer is kept, good or bad. */
  keptMs: number;
  /** How long one call waits for an answer. Shorter than `keptMs`, so that no call waits for an answer that hangs after that. */
  patienceMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: other requests wait for it, too. */
  keepAlive: (work: Promise<unknown>) => void;
};

/**
 * Shares the answer to a costly question. Whoever asks while it is being answered, or soon after, gets the same answer. A
 * failure is kept as long as a success, so that a broken service is asked no more often.
 */
export function cachedAnswer<T>(
  ask: () => Promise<T>,
  { keptMs, patienceMs, now, keepAlive }: Options,
): () => Promise<T> {
  let last: { at: number; answer: Promise<T> } | null = null;
  return () => {
    const at = now();
    if (!last || at - last.at >= keptMs) {
      last = { at, answer: ask() };
      keepAlive(last.answer.catch(() => undefined));
    }
    const { answer } = last;
    return withTimeout(patienceMs, () => answer);
  };
}

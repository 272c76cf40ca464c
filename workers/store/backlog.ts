import type { Backlog, BacklogCounts } from '../ports.ts';
import { cachedAnswer } from './cached-answer.ts';
import { countDeadLetters, type DeadLetterStore } from './dead-letters.ts';

type Places = {
  queue: { metrics(): Promise<{ backlogCount: number }> };
  deadLetters: DeadLetterStore;
};

/** Counts what was accepted and is not stored yet. */
export async function countBacklog({ queue, deadLetters }: Places): Promise<BacklogCounts> {
  const [{ backlogCount: queued }, counted] = await Promise.all([queue.metrics(), countDeadLetters(deadLetters)]);
  return { queued, ...counted };
}

type Options = {
  /** Milliseconds since the epoch. */
  now: () => number;
  keepAlive: (work: Promise<unknown>) => void;
};

/** Counting costs operations of R2, so an isolate counts every 15 seconds at most. */
export function createBacklog(places: Places, { now, keepAlive }: Options): Backlog {
  return { count: cachedAnswer(() => countBacklog(places), { keptMs: 15_000, patienceMs: 3000, now, keepAlive }) };
}

import { describe, expect, it, vi } from 'vitest';
import { createBacklog } from './backlog.ts';
import type { DeadLetterStore } from './dead-letters.ts';

const LETTERS: Record<string, string[]> = { 'dead-letters/': ['dead-letters/2026/01/30/a.json'], 'unreplayable/': [] };

describe('the backlog', () => {
  it('is counted every 15 seconds at most, from the first question on', async () => {
    const clock = { ms: 0 };
    const deadLetters: DeadLetterStore = {
      list: async (prefix) => ({ keys: LETTERS[prefix] ?? [], more: false }),
      read: async () => null,
      write: async () => undefined,
      remove: async () => undefined,
    };
    let queued = 0;
    const metrics = vi.fn(async () => ({ backlogCount: ++queued }));
    const backlog = createBacklog(
      { queue: { metrics }, deadLetters },
      { now: () => clock.ms, keepAlive: () => undefined },
    );
    const counts = [];
    for (const ms of [0, 14_999, 15_000, 29_999, 30_000]) {
      clock.ms = ms;
      counts.push((await backlog.count()).queued);
    }
    expect(counts).toEqual([1, 1, 2, 2, 3]);
    expect(await backlog.count()).toEqual({ queued: 3, waiting: 1, oldest: '2026-01-30', unreplayable: 0 });
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { interruptionBy } from './interruption.ts';

afterEach(() => vi.useRealTimers());

describe('an interruption', () => {
  it('lets a wait last as long as it is asked for, and leaves no timer', async () => {
    vi.useFakeTimers();
    const { wait } = interruptionBy(new AbortController().signal);
    let isOver = false;
    const waiting = wait(5000).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(4999);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
    expect([isOver, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('ends a wait at once, says by what, and leaves no timer', async () => {
    vi.useFakeTimers();
    const abort = new AbortController();
    const { wait, check } = interruptionBy(abort.signal);
    expect(check()).toBeUndefined();
    const waiting = expect(wait(5000)).rejects.toThrow('Stopped by SIGTERM.');
    abort.abort('SIGTERM');
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
    expect(check).toThrow('Stopped by SIGTERM.');
    await expect(wait(5000)).rejects.toThrow('Stopped by SIGTERM.');
    expect(vi.getTimerCount()).toBe(0);
  });
});

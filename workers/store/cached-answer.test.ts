import { describe, expect, it, vi } from 'vitest';
import { cachedAnswer } from './cached-answer.ts';

function start(ask: () => Promise<string>, patienceMs = 1000) {
  const clock = { ms: 0 };
  const asked = vi.fn(ask);
  const kept: Promise<unknown>[] = [];
  const keepAlive = (work: Promise<unknown>) => void kept.push(work);
  const answer = cachedAnswer(asked, { keptMs: 5000, patienceMs, now: () => clock.ms, keepAlive });
  return { clock, asked, kept, answer };
}

describe('a cached answer', () => {
  it('is given to all who ask before it is 5,000 ms old, counted from the question', async () => {
    let count = 0;
    const { clock, asked, answer, kept } = start(async () => `answer ${++count}`);
    expect(await Promise.all([answer(), answer()])).toEqual(['answer 1', 'answer 1']);
    clock.ms = 4999;
    expect(await answer()).toBe('answer 1');
    clock.ms = 5000;
    expect(await answer()).toBe('answer 2');
    clock.ms = 9999;
    expect(await answer()).toBe('answer 2');
    // Each question outlives the request that asked it.
    expect([asked.mock.calls.length, kept.length]).toEqual([2, 2]);
  });

  it('may be a failure, which is kept as long', async () => {
    const { clock, asked, answer, kept } = start(() => Promise.reject(new Error('down')));
    await expect(answer()).rejects.toThrow('down');
    clock.ms = 4999;
    await expect(answer()).rejects.toThrow('down');
    expect(asked).toHaveBeenCalledTimes(1);
    // Who keeps it alive is not told of the failure.
    await Promise.all(kept);
    asked.mockResolvedValue('up');
    clock.ms = 5000;
    expect(await answer()).toBe('up');
  });

  it('is waited for so long, and no longer; who asks later gets it', async () => {
    const wait = vi.spyOn(scheduler, 'wait');
    const { promise, resolve } = Promise.withResolvers<string>();
    const { answer, asked } = start(() => promise, 7);
    await expect(answer()).rejects.toThrow('no answer within 7 ms');
    expect(wait.mock.calls.map(([ms]) => ms)).toEqual([7]);
    resolve('late');
    expect(await answer()).toBe('late');
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

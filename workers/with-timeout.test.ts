import { describe, expect, it, vi } from 'vitest';
import { withTimeout } from './with-timeout.ts';

/** The waits that are asked for; they end only when the test says so, or when they are given up. */
function holdWaits() {
  const waits: { ms: number; end(): void; signal: AbortSignal | undefined }[] = [];
  vi.spyOn(scheduler, 'wait').mockImplementation(
    (ms, options) =>
      new Promise((resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(new Error('given up')));
        waits.push({ ms, end: () => resolve(), signal: options?.signal });
      }),
  );
  return waits;
}

describe('withTimeout', () => {
  it('gives what the work gives, and waits no longer', async () => {
    const waits = holdWaits();
    expect(await withTimeout(3000, async () => 'done')).toBe('done');
    expect(waits.map(({ ms, signal }) => [ms, signal?.aborted])).toEqual([[3000, true]]);
  });

  it('rejects as the work does, and waits no longer', async () => {
    const waits = holdWaits();
    const refused = withTimeout(3000, () => Promise.reject(new Error('refused')));
    await expect(refused).rejects.toThrow('refused');
    expect(waits.map(({ signal }) => signal?.aborted)).toEqual([true]);
  });

  it('rejects once the time is over, which it names; the work goes on', async () => {
    const waits = holdWaits();
    const { promise, resolve } = Promise.withResolvers<string>();
    let isDone = false;
    const work = promise.then(() => {
      isDone = true;
    });
    const late = withTimeout(3000, () => work);
    waits[0]?.end();
    await expect(late).rejects.toThrow('no answer within 3000 ms');
    expect(isDone).toBe(false);
    resolve('late');
    await work;
    expect(isDone).toBe(true);
  });
});

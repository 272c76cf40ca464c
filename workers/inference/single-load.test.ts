import { describe, expect, it } from 'vitest';
import { SingleLoad, STALLED_MS } from './single-load.ts';

function setUp() {
  const clock = { ms: 1000 };
  const background: Promise<unknown>[] = [];
  const single = new SingleLoad<string>({ now: () => clock.ms, keepAlive: (work) => background.push(work) });
  return { clock, background, single };
}

describe('a single load', () => {
  it('may take 20 s', () => {
    expect(STALLED_MS).toBe(20_000);
  });

  it('is none before the first one', () => {
    expect(setUp().single.current()).toBeNull();
  });

  it('is the current one, under its name, until it is done', async () => {
    const { single } = setUp();
    const { promise, resolve } = Promise.withResolvers<string>();
    const result = single.start('a', () => promise);
    expect(single.current()).toMatchObject({ name: 'a', result });
    resolve('done');
    expect(await result).toBe('done');
    expect(single.current()).toBeNull();
  });

  it('is over when it fails, and the request that started it need not live so long', async () => {
    const { single, background } = setUp();
    const result = single.start('a', () => Promise.reject(new Error('R2 is down')));
    await expect(result).rejects.toThrow('R2 is down');
    expect(single.current()).toBeNull();
    // It has an end of its own, which does not count as unhandled.
    expect(await Promise.all(background)).toEqual([undefined]);
  });

  it('is given up when it stalls, and counts again if nothing took its place', async () => {
    const { single, clock } = setUp();
    const { promise, resolve } = Promise.withResolvers<string>();
    let counts: boolean | null = null;
    const result = single.start('a', async (isLatest) => {
      const loaded = await promise;
      counts = isLatest();
      return loaded;
    });
    clock.ms += STALLED_MS - 1;
    expect(single.current()?.name).toBe('a');
    clock.ms += 1;
    expect(single.current()).toBeNull();
    resolve('late');
    await result;
    expect(counts).toBe(true);
  });

  it('neither counts nor ends the other one if it was overtaken', async () => {
    const { single, clock } = setUp();
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const counted: string[] = [];
    const load = (name: string, loaded: Promise<string>) =>
      single.start(name, async (isLatest) => {
        const value = await loaded;
        if (isLatest()) counted.push(name);
        return value;
      });
    const stalled = load('first', first.promise);
    clock.ms += STALLED_MS;
    const other = load('second', second.promise);
    first.resolve('late');
    expect(await stalled).toBe('late');
    expect(single.current()?.name).toBe('second');
    second.resolve('in time');
    expect(await other).toBe('in time');
    expect(counted).toEqual(['second']);
    expect(single.current()).toBeNull();
  });
});

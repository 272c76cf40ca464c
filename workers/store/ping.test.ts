import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { connect } from './database.ts';
import { createPing } from './ping.ts';

const up = connect(env.DATABASE_URL ?? '');
const down = connect('postgres://postgres:secret-word@127.0.0.1:9/postgres');

function start(connected: typeof up) {
  const clock = { ms: 0 };
  const database = vi.fn(connected);
  const background: Promise<unknown>[] = [];
  const ping = createPing({
    database,
    now: () => clock.ms,
    keepAlive: (work) => background.push(work),
  });
  /** What three who ask at once are answered, and how often the database was asked by then. */
  const askedBy3 = async () => {
    const settled = await Promise.allSettled(Array.from({ length: 3 }, () => ping()));
    return [...settled.map(({ status }) => status), database.mock.calls.length];
  };
  return { clock, database, ping, background, askedBy3 };
}

describe('a ping', () => {
  it.each([
    ['answers', up, 'fulfilled'],
    ['is down', down, 'rejected'],
  ])('of a database that %s asks it once for all, and again after five seconds', async (_title, connected, status) => {
    const { clock, askedBy3, background } = start(connected);
    expect(await askedBy3()).toEqual([status, status, status, 1]);
    clock.ms = 4999;
    expect(await askedBy3()).toEqual([status, status, status, 1]);
    clock.ms = 5000;
    expect(await askedBy3()).toEqual([status, status, status, 2]);
    // Each of them outlives the request that asked: others wait for it.
    expect(background).toHaveLength(2);
    await Promise.all(background);
  });

  it('says that the database is down, and notices that it is back', async () => {
    const { clock, database, ping } = start(down);
    await expect(ping()).rejects.toMatchObject({ code: 'database-unavailable' });
    database.mockImplementation(up);
    clock.ms = 5000;
    await ping();
  });
});

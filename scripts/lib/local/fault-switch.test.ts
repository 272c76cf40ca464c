import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Faults } from '../../../workers/local/faults.ts';
import { type FaultSwitch, startFaultSwitch } from './fault-switch.ts';

let running: FaultSwitch | undefined;
afterEach(() => running?.close());

async function start(restart: () => Promise<void>): Promise<FaultSwitch> {
  running = await startFaultSwitch({
    port: 0,
    initial: Faults.parse({}),
    databaseUrl: () => 'http://127.0.0.1:9/',
    restart,
  });
  return running;
}

it('restarts one after the other, and again after one that failed', async () => {
  let happening = 0;
  let most = 0;
  let count = 0;
  const { restartAddress } = await start(async () => {
    most = Math.max(most, ++happening);
    await sleep(20);
    happening--;
    if (++count === 1) throw new Error('cannot be opened');
  });
  const restarts = Array.from({ length: 3 }, () => fetch(restartAddress, { method: 'POST' }));
  const statuses = (await Promise.all(restarts)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 200, 400]);
  expect([most, count]).toEqual([1, 3]);
});

it('ends only after a restart that has begun', async () => {
  let ended = false;
  const began = Promise.withResolvers<void>();
  const { restartAddress, close } = await start(async () => {
    began.resolve();
    await sleep(100);
    ended = true;
  });
  const cut = fetch(restartAddress, { method: 'POST' }).catch(() => null);
  await began.promise;
  await close();
  running = undefined;
  expect(ended).toBe(true);
  await cut;
});

it('is not for pages in a browser', async () => {
  let restarts = 0;
  const { address, restartAddress } = await start(async () => void restarts++);
  const headers = { origin: 'http://example.org' };
  const answers = [
    await fetch(address, { method: 'PUT', body: '{"database":"down"}', headers }),
    await fetch(restartAddress, { method: 'POST', headers }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  expect(restarts).toBe(0);
  expect(await (await fetch(address)).json()).toMatchObject({ database: 'up' });
});

import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import type { Stack } from '../kit/local-stack.ts';
import { runLoad } from './load.ts';

it('counts an answer that cannot be read as undocumented, and goes on', async () => {
  const server = createServer((_request, response) => response.end('{"probability":2}'));
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const stack: Stack = {
    url,
    pid: undefined,
    key: async () => '',
    fetch: (path, init) => fetch(`${url}${path}`, init),
    runCron: async () => undefined,
    output: () => '',
    exited: Promise.resolve(null),
    ready: async () => undefined,
    stop: async () => null,
  };
  const load = await runLoad(stack, (await readModelFolder('model')).contract, 0.3);
  await stopServer(server);
  expect(load.requests).toBeGreaterThan(1);
  expect(load.undocumented).toHaveLength(load.requests);
  expect(load.told).toEqual([]);
});

import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { closedLoop, openLoop } from './load.ts';

const requests = ['/a', '/b'].map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`));
let server: Server;

/** A server that answers after `ms`; counts how many requests it has at once, and of which addresses. */
async function serve(ms: number, status = 200) {
  const seen = { now: 0, most: 0, paths: new Set<string>() };
  server = createServer(async (request, response) => {
    seen.paths.add(request.url ?? '');
    seen.most = Math.max(seen.most, ++seen.now);
    await sleep(ms);
    seen.now--;
    response.writeHead(status).end('ok');
  });
  return { port: await listenOnLoopback(server, 0, { hosts: ['bench'] }), seen };
}

afterEach(() => stopServer(server));

describe('a closed loop', () => {
  it('keeps each connection busy with one request at a time, and takes turns with them', async () => {
    const { port, seen } = await serve(5);
    const run = await closedLoop({ port, requests, durationMs: 200, connections: 3 });
    expect(seen.most).toBe(3);
    expect(seen.paths).toEqual(new Set(['/a', '/b']));
    expect(run.p50).toBeGreaterThanOrEqual(4);
    expect(run.p99).toBeGreaterThanOrEqual(run.p50);
    expect(run.requests).toBeGreaterThan(3);
  });

  it('fails where a request does', async () => {
    const { port } = await serve(0, 500);
    await expect(closedLoop({ port, requests, durationMs: 1000, connections: 1 })).rejects.toThrow('answered 500');
  });
});

describe('an open loop', () => {
  it('sends on although nothing is answered, and counts the wait for a connection', async () => {
    const { port, seen } = await serve(100);
    const run = await openLoop({ port, requests, durationMs: 200, rate: 100, connections: 2 });
    expect(run.requests).toBe(20);
    expect(seen.most).toBe(2);
    // Twenty requests of 100 ms over two connections need a second; the later ones have waited for most of it.
    expect(run.p95).toBeGreaterThan(500);
  });
});

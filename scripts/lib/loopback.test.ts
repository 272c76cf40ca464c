import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenOnLoopback, newToken, stopServer } from './loopback.ts';

const seen: IncomingMessage[] = [];
let server: Server;
beforeEach(() => {
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push(request);
    response.end(request.url);
  });
});
afterEach(() => stopServer(server));

function get(port: number, path: string, headers: Record<string, string> = {}): Promise<[number | undefined, string]> {
  return new Promise((resolve, reject) => {
    const request = send({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve([response.statusCode, body]));
    });
    request.once('error', reject).end();
  });
}

it('answers only what is sent to its own address, by no page or by its own', async () => {
  const port = await listenOnLoopback(server);
  const own = `127.0.0.1:${port}`;
  for (const headers of [{}, { host: `localhost:${port}` }, { origin: `http://${own}` }])
    expect(await get(port, '/path', headers)).toEqual([200, '/path']);
  seen.length = 0;
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    `${own}.evil.example`,
  ])
    expect(await get(port, '/', { host })).toEqual([403, `Host must be ${own} or localhost:${port}.\n`]);
  for (const origin of ['http://evil.example', 'null', '', `https://${own}`, `http://127.0.0.1:${port + 1}`])
    expect(await get(port, '/', { origin })).toEqual([403, 'Origin must be that of this server, or absent.\n']);
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', origin: 'http://evil.example' };
  expect((await get(port, '/', upgrade))[0]).toBe(403);
  expect(seen).toEqual([]);
});

it('answers other names that it is told', async () => {
  const port = await listenOnLoopback(server, 0, { hosts: ['fake-host'] });
  expect((await get(port, '/', { host: 'fake-host' }))[0]).toBe(200);
  expect((await get(port, '/', { host: 'evil.example' }))[0]).toBe(403);
});

it('answers only paths that begin with its token, and gives the rest to the listener', async () => {
  const token = newToken();
  expect(token).toMatch(/^[\w-]{43}$/);
  const port = await listenOnLoopback(server, 0, { token });
  expect(await get(port, `/${token}/faults?a=b`)).toEqual([200, '/faults?a=b']);
  expect(await get(port, `/${token}`)).toEqual([200, '/']);
  seen.length = 0;
  for (const path of ['/', '/faults', `/${token.slice(1)}/faults`, `/${token}x/faults`, `/x/${token}/faults`, '*'])
    expect(await get(port, path)).toEqual([404, 'The path must begin with the token.\n']);
  expect(seen).toEqual([]);
});

import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenOnLoopback, stopServer } from './loopback.ts';
import { retryingFetch } from './retrying-fetch.ts';

const waits = vi.hoisted((): number[] => []);
vi.mock('node:timers/promises', () => ({ setTimeout: async (ms: number) => waits.push(ms) }));

let server: Server;
let url: string;
/** The answers to the requests that come, in order; the last one is repeated. */
let answers: ((response: ServerResponse) => void)[];
let requests: string[];
beforeEach(async () => {
  waits.length = 0;
  requests = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(`${request.method} ${body}`);
      answer?.(response);
    });
  });
  url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
});
afterEach(() => stopServer(server));

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(code, headers).end(`answer ${code}`);
  };
const hangUp = (response: ServerResponse) => {
  response.destroy();
};
const ask = async (init?: RequestInit) => (await retryingFetch(url, init)).status;

describe('retryingFetch', () => {
  it('asks once where the server answers', async () => {
    answers = [status(200)];
    expect([await ask(), requests.length, waits]).toEqual([200, 1, []]);
  });

  it.each([400, 401, 403, 404, 409, 499])('takes %i as an answer', async (code) => {
    answers = [status(code), status(200)];
    expect([await ask(), requests.length]).toEqual([code, 1]);
  });

  it.each([429, 500, 503, 599])('repeats a request, with its body, after %i', async (code) => {
    answers = [status(code), status(200)];
    expect(await ask({ method: 'POST', body: 'the body' })).toBe(200);
    expect([requests, waits]).toEqual([['POST the body', 'POST the body'], [500]]);
  });

  it('waits twice as long each time, and gives up after four attempts', async () => {
    answers = [status(503)];
    expect([await ask(), requests.length, waits]).toEqual([503, 4, [500, 1000, 2000]]);
  });

  it('waits the seconds that the server asks for', async () => {
    answers = [status(429, { 'retry-after': '7' }), status(503, { 'retry-after': '0' }), status(200)];
    expect([await ask(), waits]).toEqual([200, [7000, 0]]);
  });

  it('waits a minute at most, and passes on the answer of a server that asks for more', async () => {
    answers = [status(429, { 'retry-after': '60' }), status(429, { 'retry-after': '61' }), status(200)];
    expect([await ask(), requests.length, waits]).toEqual([429, 2, [60_000]]);
  });

  it('waits for the rest of the window that the Hub names with a 429', async () => {
    answers = [
      status(429, { ratelimit: '"api";r=0;t=55' }),
      status(429, { ratelimit: '"resolvers"; r=0; t=300' }),
      status(200),
    ];
    expect([await ask(), waits]).toEqual([200, [55_000, 300_000]]);
    // Only a refusal for the limit has to wait for it.
    answers = [status(503, { ratelimit: '"api";r=0;t=55' }), status(200)];
    requests = [];
    waits.length = 0;
    expect([await ask(), waits]).toEqual([200, [500]]);
  });

  it('takes no date for a number of seconds', async () => {
    answers = [status(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }), status(200)];
    expect([await ask(), waits]).toEqual([200, [500]]);
  });

  it('repeats a request whose connection broke, and rejects with the last failure', async () => {
    answers = [hangUp, status(200)];
    expect([await ask(), waits]).toEqual([200, [500]]);
    answers = [hangUp];
    requests = [];
    await expect(ask()).rejects.toThrow('fetch failed');
    expect(requests.length).toBe(4);
  });

  it('sends a stream once: nothing of it is left for a second attempt', async () => {
    answers = [status(503), status(200)];
    const body = new Blob(['streamed']).stream();
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
    expect([await ask(init), requests]).toEqual([503, ['POST streamed']]);
  });

  it('passes on the answer whole', async () => {
    answers = [status(503)];
    expect(await (await retryingFetch(url)).text()).toBe('answer 503');
  });
});

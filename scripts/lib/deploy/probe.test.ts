import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attrition } from '../../../common/test/contracts.ts';
import { listenOnLoopback, stopServer } from '../loopback.ts';
import type { Interruption } from './interruption.ts';
import { exceeds, probe } from './probe.ts';

let url: string;
/** The requests that came, and the status of each answer, by its number; 0 for none. */
let asked: string[];
let statusOf: (i: number) => number;
const server = createServer((request, response) => {
  const status = statusOf(asked.length);
  asked.push(`${request.method} ${request.url}`);
  if (status === 0) response.destroy();
  else response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
});
beforeAll(async () => {
  url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
});
afterAll(() => stopServer(server));
beforeEach(() => {
  asked = [];
  statusOf = () => 200;
});

async function watch({ requests = 20, maxErrorRate = 0.1 } = {}) {
  const waits: number[] = [];
  const interruption: Interruption = {
    signal: new AbortController().signal,
    check: () => undefined,
    wait: async (ms) => void waits.push(ms),
  };
  const report = await probe(url, attrition, { requests, seconds: 10, maxErrorRate }, interruption);
  return { report, waits };
}

describe('a probe', () => {
  it('spreads its requests over the time, and predicts in every fifth', async () => {
    const { report, waits } = await watch();
    expect(report).toEqual({ requests: 20, errors: 0, lastError: null });
    // 10 s for 20 requests.
    expect(waits).toEqual(Array(20).fill(500));
    const predictions = asked.flatMap((it, i) => (it === 'POST /v1/predict' ? [i] : []));
    expect(predictions).toEqual([0, 5, 10, 15]);
    expect(new Set(asked)).toEqual(
      new Set(['POST /v1/predict', 'GET /health/live', 'GET /health/ready', 'GET /v1/model']),
    );
  });

  it.each([
    [200, 0],
    [404, 0],
    [422, 0],
    [429, 0],
    [499, 0],
    [401, 1],
    [403, 1],
    [500, 1],
    [503, 1],
    [0, 1],
  ])('counts an answer %i as %i error', async (status, errors) => {
    statusOf = (i) => (i === 7 ? status : 200);
    expect((await watch()).report).toMatchObject({ requests: 20, errors });
  });

  it.each([
    [2, { requests: 20, errors: 2 }],
    [3, { requests: 3, errors: 3 }],
  ])('ends as soon as more failed than may: %i of 20, at 10 %%', async (failing, report) => {
    statusOf = (i) => (i < failing ? 500 : 200);
    expect((await watch()).report).toMatchObject(report);
  });

  it('says what failed last', async () => {
    statusOf = (i) => (i === 3 ? 500 : i === 5 ? 503 : 200);
    expect((await watch()).report.lastError).toBe('/v1/predict answered 503');
  });
});

it.each([
  [2, 20, 0.1, false],
  [3, 20, 0.1, true],
  [0, 20, 0, false],
  [1, 20, 0, true],
])('%i errors of %i requests, at a rate of %d, are too many: %s', (errors, requests, maxErrorRate, isTooMany) => {
  expect(exceeds({ requests, errors, lastError: null }, { requests, maxErrorRate })).toBe(isTooMany);
});

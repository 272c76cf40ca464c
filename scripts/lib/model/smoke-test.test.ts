import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BinaryContract, parseBinaryContract } from '../../../common/test/binary.ts';
import { readContract } from '../../../tests/stand-ins/cloudflare/project.ts';
import { createKey } from '../deploy/api-keys.ts';
import { listenOnLoopback, stopServer } from '../loopback.ts';
import { checkAlive, checkMayPredict, keyHeaders, waitForVersion } from './smoke-test.ts';

const { key } = createKey({ id: 'smoke', scopes: ['predict'], expiresAt: null });
const SECRET = key.slice(-43);

let server: Server;
let url: string;
let contract: BinaryContract;
let seen: { path: string; headers: IncomingHttpHeaders }[];
/** What predictions are answered; the first example's, where it is null. */
let refusal: { status: number; body: unknown } | null;
beforeEach(async () => {
  contract = parseBinaryContract(await readContract());
  const { name, version, examples } = contract;
  seen = [];
  refusal = null;
  server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    const { status, body } = (request.method === 'POST' && refusal) || {
      status: 200,
      body: { probability: examples[0]?.probability, model: { name, version } },
    };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stopServer(server);
});

const wait = (timeoutMs = 60_000) => waitForVersion(url, contract, { timeoutMs, agreeing: 1 });
const missing = {
  type: '/problems/missing-key',
  title: 'API key required',
  status: 401,
  detail: 'Send an API key.',
};

describe('a prediction of a deployed Worker', () => {
  it('is asked for under the key of the environment, and nothing else is', async () => {
    vi.stubEnv('FUTURISYS_API_KEY', `${key}\n`);
    await checkAlive(url);
    await wait();
    expect(seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/health/live', undefined],
      ['/v1/predict', `Bearer ${key}`],
    ]);
  });

  it.each(['', undefined])('is asked for without a key where there is none (%j)', async (value) => {
    vi.stubEnv('FUTURISYS_API_KEY', value);
    await wait();
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['no key is set', '', 'Set FUTURISYS_API_KEY to an API key of that environment with the scope "predict"'],
    ['the key is refused', key, 'FUTURISYS_API_KEY must be an API key of that environment with the scope "predict"'],
  ])('says at once what to do where %s', async (_title, value, said) => {
    vi.stubEnv('FUTURISYS_API_KEY', value);
    for (const status of [401, 403]) {
      refusal = { status, body: missing };
      for (const attempt of [wait(), checkMayPredict(url)]) {
        await expect(attempt).rejects.toThrow(
          `does not let this command predict (${status}): Send an API key. ${said}`,
        );
        await expect(attempt).rejects.not.toThrow(SECRET);
      }
    }
  });

  it('may be asked for, whatever else is wrong', async () => {
    refusal = { status: 503, body: null };
    await expect(checkMayPredict(url)).resolves.toBeUndefined();
    await expect(wait(1)).rejects.toThrow('/v1/predict answered 503');
  });

  it.each([key.slice(0, -1), `Bearer ${key}`, `${key}\n${key}`])('is not asked for under what is no key', (value) => {
    vi.stubEnv('FUTURISYS_API_KEY', value);
    expect(keyHeaders).toThrow('FUTURISYS_API_KEY is not a whole API key');
    expect(keyHeaders).not.toThrow(SECRET.slice(1, -1));
  });
});

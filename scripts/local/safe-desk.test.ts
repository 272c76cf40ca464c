import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, START_TIMEOUT_MS, type Stack, startStack } from '../../tests/kit/local-stack.ts';
import { processTree } from '../../tests/kit/process-tree.ts';

const ANSWER_TIMEOUT_MS = 20_000;
const EVIL = 'evil.example';
const MODELS = 'futurisys-models-dev';
const LETTERS = 'futurisys-dead-letters-dev';
/** 127.0.0.1, as /proc/net/tcp writes it. */
const LOOPBACK = '0100007F';

const socket = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};
const NEON = {
  'neon-connection-string': 'postgres://postgres:local@127.0.0.1/postgres',
  'neon-raw-text-output': 'true',
  'neon-array-mode': 'true',
};
const LIVE_RELOAD = { ...socket, 'sec-websocket-protocol': 'WRANGLER_PROXYWORKER_LIVE_RELOAD_PROTOCOL' };

type Attempt = { method: string; path: string; headers?: Record<string, string>; body?: string };

/** What the listeners answered, or would answer, to somebody who may not ask. */
const ATTEMPTS: Attempt[] = [
  ...['/', '/docs', '/v1/model', '/health/live', '/nothing'].map((path) => ({ method: 'GET', path })),
  // The inspector of the runtime, and that of wrangler.
  ...['/json', '/json/version', '/json/list'].map((path) => ({ method: 'GET', path })),
  ...['/', '/ws', '/core:user:futurisys-dev'].map((path) => ({ method: 'GET', path, headers: socket })),
  { method: 'GET', path: '/cdn-cgi/live-reload', headers: LIVE_RELOAD },
  ...['explorer/api', 'local/explorer/api', 'local/platform-proxy'].map((path) => ({
    method: 'GET',
    path: `/cdn-cgi/${path}`,
  })),
  { method: 'POST', path: '/cdn-cgi/explorer/api/local/observability/query', body: '{"sql":"select 1"}' },
  { method: 'POST', path: '/sql', headers: NEON, body: '{"query":"select current_user","params":[]}' },
  // The notes of the queue, and the faults.
  { method: 'POST', path: '/', body: '["{}"]' },
  { method: 'DELETE', path: '/', body: '["{}"]' },
  { method: 'GET', path: '/faults' },
  { method: 'PUT', path: '/faults', body: '{}' },
  { method: 'POST', path: '/restart' },
];

/**
 * Wrangler cannot leave these out, and answers whoever names the host right: the cron, which npm start runs every five minutes, and
 * an object of the local R2 whose whole key is known.
 */
const OPEN: Attempt[] = ['handler/scheduled', 'local/scheduled', `local/r2/public/${MODELS}/channels/active.json`].map(
  (path) => ({ method: 'GET', path: `/cdn-cgi/${path}` }),
);

/** To find an object, or to write one. */
const STORAGE: Attempt[] = [MODELS, LETTERS].flatMap((bucket) => [
  { method: 'GET', path: `/cdn-cgi/local/r2/public/${bucket}` },
  { method: 'GET', path: `/cdn-cgi/local/r2/public/${bucket}/` },
  { method: 'GET', path: `/cdn-cgi/local/r2/public/${bucket}/letters/` },
  { method: 'GET', path: `/cdn-cgi/local/r2/s3/${bucket}?list-type=2` },
  { method: 'PUT', path: `/cdn-cgi/local/r2/public/${bucket}/channels/active.json`, body: '{}' },
  { method: 'DELETE', path: `/cdn-cgi/local/r2/public/${bucket}/channels/active.json` },
]);

/** The status, or null where the connection was closed without an answer; rejects where neither comes. */
function send(port: number, headers: Record<string, string>, { method, path, body = '', ...more }: Attempt) {
  const all = { 'content-length': String(body.length), connection: 'close', ...more.headers, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise<{ status: number | null; head: string }>((resolve, reject) => {
    const client = connect(port, '127.0.0.1', () =>
      client.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`),
    );
    let text = '';
    const finish = () => {
      client.destroy();
      const status = text.match(/^HTTP\/1\.1 (\d{3})/)?.[1];
      resolve({ status: status === undefined ? null : Number(status), head: text.split('\r\n\r\n')[0] ?? '' });
    };
    client.setTimeout(ANSWER_TIMEOUT_MS, () => {
      client.destroy();
      reject(new Error(`port ${port} neither answers nor closes: ${method} ${path}`));
    });
    client.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n\r\n')) finish();
    });
    client.on('error', finish);
    client.on('close', finish);
  });
}

/** Sends all attempts, and resolves to those that got something, in words. */
async function findAnswered(port: number, headers: Record<string, string>, attempts = ATTEMPTS): Promise<string[]> {
  const answered = attempts.map(async (attempt) => {
    const { status, head } = await send(port, headers, attempt);
    const isRefused = status === null || (status >= 400 && status < 500);
    return isRefused ? [] : [`${attempt.method} ${attempt.path}: ${head.split('\r\n')[0]}`];
  });
  return (await Promise.all(answered)).flat();
}

describe.runIf(process.platform === 'linux')('npm start on a desk that others share', () => {
  let directory: string;
  let stack: Stack;
  let own: number;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'desk-'));
    // As an earlier version left it.
    await chmod(directory, 0o755);
    await mkdir(join(directory, 'v3'), { mode: 0o755 });
    await writeFile(join(directory, 'v3', 'old'), '', { mode: 0o666 });
    await chmod(join(directory, 'v3', 'old'), 0o666);
    await mkdir(join(directory, 'v3', 'observability'));
    own = await freePort();
    stack = startStack('--port', String(own), '--data', directory, '--faults', '{}');
    await stack.ready();
  }, 2 * START_TIMEOUT_MS);
  afterAll(async () => {
    await stack.stop();
    await rm(directory, { recursive: true });
  }, START_TIMEOUT_MS);

  const processes = () => processTree(stack.pid ?? 0);
  const ports = () => processes().flatMap(({ listens }) => listens.map(({ port }) => port));

  it('listens on 127.0.0.1 alone', () => {
    const listeners = processes().flatMap(({ listens }) => listens);
    expect(listeners.filter(({ table, address }) => table !== 'tcp' || address !== LOOPBACK)).toEqual([]);
    // The API, the Worker behind it, wrangler's own two, the database, the faulty network, the faults, the notes of the queue.
    expect(listeners.length).toBeGreaterThanOrEqual(8);
    expect(ports()).toContain(own);
  });

  it.each([
    ['with a name of its own for 127.0.0.1', () => ({ host: EVIL })],
    [
      'with such a name, and the port',
      (port: number) => ({ host: `${EVIL}:${port}`, origin: `http://${EVIL}:${port}` }),
    ],
    ['of another origin, with such a name', () => ({ host: EVIL, origin: `http://${EVIL}` })],
  ])('answers nothing to a page %s, on any port', async (_title, headers) => {
    for (const port of ports())
      expect({ port, answered: await findAnswered(port, headers(port), [...ATTEMPTS, ...STORAGE, ...OPEN]) }).toEqual({
        port,
        answered: [],
      });
  });

  it('answers nothing to a page of another origin, but on the port of the API', async () => {
    const open = [...ATTEMPTS, ...STORAGE, ...OPEN];
    for (const [origin, attempts] of [
      [`http://${EVIL}`, open] as const,
      ['null', open] as const,
      ['http://localhost:9', ATTEMPTS] as const,
    ]) {
      for (const port of ports()) {
        if (port === own) continue;
        const answered = await findAnswered(port, { host: `127.0.0.1:${port}`, origin }, attempts);
        expect({ port, origin, answered }).toEqual({ port, origin, answered: [] });
      }
    }
  });

  it('answers such a page on the port of the API as a deployed Worker does, and a browser keeps it from the page', async () => {
    const headers = { host: `127.0.0.1:${own}`, origin: `http://${EVIL}` };
    const opened = ATTEMPTS.filter(({ path }) => path.startsWith('/cdn-cgi/') || !path.match(/^\/($|docs|v1|health)/));
    expect(await findAnswered(own, headers, [...opened, ...STORAGE, ...OPEN])).toEqual([]);
    const { status, head } = await send(own, headers, { method: 'GET', path: '/v1/model' });
    expect(status).toBe(200);
    expect(head).not.toMatch(/access-control/i);
  });

  it('tells a program that knows no key of R2 none, and lets it write nothing', async () => {
    for (const port of ports())
      expect({ port, answered: await findAnswered(port, { host: `127.0.0.1:${port}` }, STORAGE) }).toEqual({
        port,
        answered: [],
      });
  });

  it('answers nothing to a program that knows no secret, but on the port of the API', async () => {
    for (const port of ports()) {
      if (port === own) continue;
      const answered = await findAnswered(port, { host: `127.0.0.1:${port}` });
      expect({ port, answered }).toEqual({ port, answered: [] });
    }
  });

  it('has neither an explorer of its storage nor a store of its traces', async () => {
    const attempts = ATTEMPTS.filter(({ path }) => path.includes('explorer'));
    expect(await findAnswered(own, { host: `127.0.0.1:${own}` }, attempts)).toEqual([]);
    expect(await findAnswered(own, { host: `localhost:${own}`, origin: 'http://localhost:9' }, attempts)).toEqual([]);
    expect(await readdir(join(directory, 'v3'))).not.toContain('observability');
  });

  it('answers to both of its names', async () => {
    for (const host of [`127.0.0.1:${own}`, `localhost:${own}`])
      for (const path of ['/', '/v1/model']) {
        const { status } = await send(own, { host }, { method: 'GET', path });
        expect([host, path, status]).toEqual([host, path, 200]);
      }
  });

  it('shows no secret in the arguments of its processes', async () => {
    const argv = processes().flatMap((it) => it.argv);
    expect(argv.join(' ')).toContain('dev.ts');
    expect(argv.filter((it) => /:\/\/[^/]*@|sha256|fk_|API_KEYS|DATABASE_URL|LOCAL_/.test(it))).toEqual([]);
    expect(argv.filter((it) => it.includes('--inspector') || it.includes('--debug-port'))).toEqual([]);
    for (const address of stack.output().match(/http:\S+\/faults/g) ?? []) {
      const token = new URL(address).pathname.split('/')[1] ?? '';
      expect(token).toHaveLength(43);
      expect(argv.filter((it) => it.includes(token))).toEqual([]);
    }
  });

  it('keeps its data from other users, also what an earlier version left', async () => {
    const names = await readdir(directory, { recursive: true });
    expect(names.length).toBeGreaterThan(500);
    const open = await Promise.all(
      ['.', ...names].map(async (name) => {
        const stats = await stat(join(directory, name)).catch(() => null);
        return stats && (stats.mode & 0o077) !== 0 ? [`${name} ${(stats.mode & 0o777).toString(8)}`] : [];
      }),
    );
    expect(open.flat()).toEqual([]);
  });
});

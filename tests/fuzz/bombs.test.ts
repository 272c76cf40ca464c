import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START_TIMEOUT_MS } from '../kit/local-stack.ts';
import { bombs } from './bombs.ts';
import { startFuzzedWorker } from './fuzzed-worker.ts';
import { type RawRequest, readable, sendRaw } from './raw-http.ts';

const TIMEOUT_MS = 60_000;

let worker: Awaited<ReturnType<typeof startFuzzedWorker>>;
beforeAll(async () => {
  worker = await startFuzzedWorker();
}, START_TIMEOUT_MS);
afterAll(() => worker.stop());

let sent = 0;
function send(request: RawRequest) {
  const key = worker.keys[sent++ % worker.keys.length] ?? '';
  const headers = request.headers.map(([name, value]): [string, string] => [name, value.replace('KEY', key)]);
  return sendRaw(worker.port, { ...request, headers }, TIMEOUT_MS);
}
const columns = () => worker.contract.features.map(({ name }) => name);
const ready: RawRequest = { method: 'GET', target: '/health/live', headers: [], body: Buffer.alloc(0) };

describe('a body that is small, and large once it is parsed', () => {
  it('leaves an isolate of 128 MB alive, at every route', { timeout: 600_000 }, async () => {
    const statuses = new Map<number, number>();
    for (const [name, request] of bombs(columns())) {
      const { status, body } = await send(request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect(status, `${name}: ${readable(body).slice(0, 300)}`).toBeGreaterThanOrEqual(200);
      expect(status, `${name}: ${readable(body).slice(0, 300)}`).toBeLessThan(500);
      expect((await send(ready)).status, name).toBe(200);
    }
    console.log(JSON.stringify(Object.fromEntries(statuses)));
    expect(statuses.get(413)).toBeGreaterThan(20);
  });

  it('leaves it alive where four come at once', { timeout: 300_000 }, async () => {
    const large = [...bombs(columns())].filter(([name]) => name.endsWith('gzip'));
    for (let at = 0; at < large.length; at += 4) {
      const answers = await Promise.all(large.slice(at, at + 4).map(([, request]) => send(request)));
      for (const { status } of answers) expect(status).toBeLessThan(500);
      expect(answers.every(({ status }) => status > 0)).toBe(true);
      expect((await send(ready)).status).toBe(200);
    }
  });
});

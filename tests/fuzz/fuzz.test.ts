import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { START_TIMEOUT_MS } from '../kit/local-stack.ts';
import { FAMILIES } from './families.ts';
import { startFuzzedWorker } from './fuzzed-worker.ts';
import { isCutOff, type RawAnswer, type RawRequest, readable, sendRaw, toBytes } from './raw-http.ts';

/**
 * FUZZ_INPUTS is the number of requests (npm run test:fuzz makes 12,000), FUZZ_SEED the start of the generator. A failure
 * prints the request, and the seed that makes it again.
 */
const { FUZZ_INPUTS, FUZZ_SEED } = z
  .object({ FUZZ_INPUTS: z.coerce.number().default(12_000), FUZZ_SEED: z.coerce.number().default(20_261_123) })
  .parse(process.env);

/** A caller gives up after this time. */
const TIMEOUT_MS = 10_000;

const Event = z.looseObject({ level: z.string(), message: z.string(), problem: z.string().nullish() });

let worker: Awaited<ReturnType<typeof startFuzzedWorker>>;
let ids: string[];
let answered = 0;
beforeAll(async () => {
  worker = await startFuzzedWorker();
  const example = Buffer.from(JSON.stringify(worker.contract.examples[0]?.input));
  const headers: RawRequest['headers'] = [
    ['authorization', `Bearer ${worker.keys[0]}`],
    ['content-type', 'application/json'],
  ];
  const answers = await Promise.all(
    [1, 2, 3].map(() =>
      sendRaw(worker.port, { method: 'POST', target: '/v1/predict', headers, body: example }, TIMEOUT_MS),
    ),
  );
  ids = answers.map(({ body }) => z.object({ id: z.string() }).parse(JSON.parse(body.toString())).id);
}, START_TIMEOUT_MS);
afterAll(() => worker.stop());

const total = FAMILIES.reduce((sum, [, weight]) => sum + weight, 0);

describe('whatever bytes are sent', () => {
  it.each(FAMILIES)(
    'are answered in time, and never with an error of the server: %s',
    async (name, weight, requests) => {
      const numRuns = Math.ceil((FUZZ_INPUTS * weight) / total);
      const statuses = new Map<string, number>();
      let slowestMs = 0;
      let sent = 0;
      await fc.assert(
        fc.asyncProperty(requests({ contract: worker.contract, ids }), async (request) => {
          const made = withKey(request, worker.keys[sent++ % worker.keys.length] ?? '');
          const answer = await sendRaw(worker.port, made, TIMEOUT_MS).catch((error: Error) => {
            throw new Error(`${error.message}\n${describeRequest(request)}`);
          });
          const outcome = isUnanswered(request, answer) ? 'cut off' : String(answer.status);
          if (outcome !== 'cut off') answered++;
          statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
          slowestMs = Math.max(slowestMs, answer.milliseconds);
          const wrong = whatIsWrong(request, answer);
          if (wrong) throw new Error(`${wrong}\n${readable(answer.body)}\n${describeRequest(request)}`);
        }),
        { numRuns, seed: FUZZ_SEED, endOnFailure: true },
      );
      const histogram = Object.fromEntries([...statuses].sort());
      console.log(`${name}: ${numRuns} requests, ${JSON.stringify(histogram)}, slowest ${slowestMs.toFixed(0)} ms`);
      // What is refused at the door proves little.
      expect(statuses.get('200') ?? 0, name).toBeGreaterThan(0);
      expect((statuses.get('429') ?? 0) / numRuns, name).toBeLessThan(0.1);
    },
    600_000,
  );

  it('leave the worker as it was, and its log one line an event', async () => {
    const live = { method: 'GET', target: '/health/ready', headers: [], body: Buffer.alloc(0) };
    expect((await sendRaw(worker.port, live, TIMEOUT_MS)).status).toBe(200);
    const events = eventsOf(await readFile(worker.logPath, 'utf8'));
    // All but what was answered before the Worker: files, and requests that are none.
    expect(events.filter(({ message }) => message === 'request').length).toBeGreaterThan(answered / 2);
    // The log also names faults that no caller saw, because the caller was gone.
    expect(events.filter(({ problem }) => problem === 'internal')).toEqual([]);
  });
});

function withKey(request: RawRequest, key: string): RawRequest {
  const headers = request.headers.map(([name, value]): [string, string] => [name, value.replace('KEY', key)]);
  return { ...request, headers };
}

/**
 * Whether the caller was gone before the Worker could answer. The local server in front of the Worker then answers 500 in its
 * own words, which reaches nobody. The Worker's own answers have an id.
 */
function isUnanswered(request: RawRequest, { headers }: RawAnswer): boolean {
  return isCutOff(request) && !headers.has('x-request-id');
}

/** The rule for every answer that this answer breaks; null where it breaks none. */
function whatIsWrong(request: RawRequest, answer: RawAnswer): string | null {
  const { status, headers, body } = answer;
  if (isUnanswered(request, answer)) return null;
  if (status === 0) return 'the connection was closed without an answer';
  if (status >= 500) return `answered ${status}`;
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  if (request.method === 'HEAD' || !/^application\/(problem\+)?json$/.test(type)) return null;
  try {
    JSON.parse(body.toString());
    return null;
  } catch {
    return `answered ${status} with ${type} that is none`;
  }
}

/** What the Worker logged: each line of it is whole. wrangler puts colours around errors. */
function eventsOf(log: string): z.infer<typeof Event>[] {
  const lines = log.split('\n').filter((line) => line.includes('{"level":'));
  return lines.map((line) => Event.parse(JSON.parse(line.slice(line.indexOf('{'), line.lastIndexOf('}') + 1))));
}

function describeRequest(request: RawRequest): string {
  return `FUZZ_SEED=${FUZZ_SEED} FUZZ_INPUTS=${FUZZ_INPUTS} npm run test:fuzz\nSent: ${readable(toBytes(request, worker.port))}`;
}

import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Prediction } from '../../common/history/prediction.ts';
import { readMessage } from '../../common/history/prediction-message.ts';
import { made } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';
import { connect } from './database.ts';
import { deadLettersInBucket } from './dead-letter-bucket.ts';
import { DeadLetter, type DeadLetterStore } from './dead-letters.ts';
import { createHistory } from './history.ts';
import { createPredictionLog } from './prediction-log.ts';

/** What one operation has, and what one call may have: https://developers.cloudflare.com/queues/platform/ */
const MESSAGE_LIMIT = 64_000;
const SEND_LIMIT = 256_000;

type Message = { body: string };

const DATABASE_URL = ownDatabaseUrl();
const up = connect(DATABASE_URL);
const DOWN_URL = 'postgres://postgres:x@127.0.0.1:9/postgres';

type Ways = Partial<Parameters<typeof createPredictionLog>[0]>;

function logOf(sendBatch: (messages: Message[]) => Promise<unknown>, ways: Ways = {}) {
  const sends: Message[][] = [];
  const letters: DeadLetter[] = [];
  const queue = {
    sendBatch: vi.fn(async (messages: Message[]) => {
      sends.push(messages);
      await sendBatch(messages);
    }),
  };
  const deadLetters: DeadLetterStore = {
    ...deadLettersInBucket(env.DEAD_LETTERS ?? fail()),
    write: async (_key, text) => {
      letters.push(DeadLetter.parse(JSON.parse(text)));
    },
  };
  const log = createPredictionLog({
    queue,
    database: connect(DOWN_URL),
    deadLetters,
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
    inBackground: null,
    ...ways,
  });
  return { sends, letters, log };
}

function fail(): never {
  throw new Error('the tests need the R2 bucket DEAD_LETTERS');
}

const refuse = () => Promise.reject(new Error('queue down'));
const predictionsOf = (bodies: { body?: unknown }[]) => bodies.flatMap(({ body }) => readMessage(body).predictions);

async function storedOf(predictions: readonly Prediction[]) {
  const found = await createHistory(up, { now: () => new Date(), newId: () => '' }).findAll(
    predictions.map(({ id }) => id),
  );
  return found.map(({ id }) => id).sort();
}

const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;

beforeEach(() => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
});

describe('many predictions at once', () => {
  const many = () => Array.from({ length: 100 }, () => made());

  it('are stored before they are answered, and few go through the queue', async () => {
    const { log, sends } = logOf(async () => undefined, { database: up });
    const predictions = many();
    expect(await log.record(predictions)).toEqual(predictions.map(() => 'stored'));
    expect(sends).toEqual([]);
    expect(await storedOf(predictions)).toEqual(predictions.map(({ id }) => id).sort());
    expect(await log.record(predictions.slice(0, 99))).toEqual(Array.from({ length: 99 }, () => 'queued'));
  });

  it('go through the queue while the database is down, which is not asked again at once', async () => {
    let time = 0;
    const { log, sends } = logOf(async () => undefined, { now: () => new Date(time) });
    const requests = countRequests(DOWN_URL);
    for (let i = 0; i < 3; i++) expect((await log.record(many()))[0]).toBe('queued');
    expect([requests(), sends.length]).toEqual([1, 3]);
    time = 30_000;
    await log.record(many());
    expect(requests()).toBe(2);
  });

  it('are stored, but for one that Postgres refuses, which goes through the queue', async () => {
    const { log, sends } = logOf(async () => undefined, { database: up });
    const predictions = [...many(), made({ label: 'a\u0000b' })];
    const refused = predictions.at(-1);
    expect(await log.record(predictions)).toEqual([...predictions.slice(1).map(() => 'stored'), 'queued']);
    expect(predictionsOf(sends.flat())).toEqual([refused]);
  });
});

describe('the way into the queue', () => {
  it('packs predictions, in order, into messages and sends within the limits of Queues', async () => {
    const { log, sends } = logOf(async () => undefined);
    const predictions = Array.from({ length: 1500 }, (_, i) =>
      made({ identifier: i + 1, input: { métier: 'é'.repeat(i % 400), age: i } }),
    );
    expect(await log.record(predictions)).toEqual(predictions.map(() => 'queued'));
    expect(predictionsOf(sends.flat())).toEqual(predictions);
    for (const messages of sends) {
      expect(bytesOf(messages.map(({ body }) => body).join(''))).toBeLessThanOrEqual(SEND_LIMIT);
      for (const { body } of messages) expect(bytesOf(body)).toBeLessThanOrEqual(MESSAGE_LIMIT);
    }
    // More than one to each, and of each more than one.
    expect(sends.length).toBeGreaterThan(1);
    expect(sends.flat().length).toBeGreaterThan(sends.length);
  });

  it('sends nothing for nothing', async () => {
    const { log, sends } = logOf(async () => undefined);
    expect(await log.record([])).toEqual([]);
    expect(sends).toEqual([]);
  });
});

describe('a queue that does not take predictions', () => {
  it('is made up for by the database', async () => {
    const { log, letters } = logOf(refuse, { database: up });
    const predictions = [made(), made()];
    expect(await log.record(predictions)).toEqual(['stored', 'stored']);
    expect(await storedOf(predictions)).toEqual(predictions.map(({ id }) => id).sort());
    expect(letters).toEqual([]);
  });

  it('and a database that is down are made up for by dead letters', async () => {
    const { log, letters } = logOf(refuse);
    const predictions = [made(), made()];
    expect(await log.record(predictions)).toEqual(['spooled', 'spooled']);
    expect(predictionsOf(letters)).toEqual(predictions);
  });

  it('is told of each prediction', async () => {
    let calls = 0;
    const { log, letters } = logOf(async () => {
      if (++calls === 1) throw new Error('queue down');
    });
    const predictions = Array.from({ length: 900 }, () => made({ input: { text: 'x'.repeat(400) } }));
    const recorded = await log.record(predictions);
    expect(recorded).toHaveLength(predictions.length);
    expect([recorded[0], recorded.at(-1)]).toEqual(['spooled', 'queued']);
    expect(recorded.lastIndexOf('spooled')).toBeLessThan(recorded.indexOf('queued'));
    expect(predictionsOf(letters)).toEqual(predictions.slice(0, recorded.indexOf('queued')));
  });

  it('leaves to dead letters what Postgres refuses', async () => {
    const { log, letters } = logOf(refuse, { database: up });
    const refused = made({ label: 'a\u0000b' });
    expect(await log.record([made(), refused])).toEqual(['stored', 'spooled']);
    expect(predictionsOf(letters)).toEqual([refused]);
  });

  it('is waited for 3 s, and then not asked for 30 s', async () => {
    let time = 0;
    const { log, sends } = logOf(() => new Promise(() => undefined), { database: up, now: () => new Date(time) });
    const wait = vi.spyOn(scheduler, 'wait').mockImplementation(async (ms) => {
      time += ms;
    });
    expect(await log.record([made()])).toEqual(['stored']);
    expect([time, wait.mock.calls.length]).toEqual([3000, 1]);
    time += 29_999;
    expect(await log.record([made()])).toEqual(['stored']);
    expect(sends).toHaveLength(1);
    time += 1;
    expect(await log.record([made()])).toEqual(['stored']);
    expect(sends).toHaveLength(2);
  });

  it('is asked again at once where it refused before the 3 s were over', async () => {
    let time = 0;
    const slow = async () => {
      time += 2999;
      throw new Error('queue down');
    };
    const { log, sends } = logOf(slow, { database: up, now: () => new Date(time) });
    for (let i = 0; i < 2; i++) expect(await log.record([made()])).toEqual(['stored']);
    expect(sends).toHaveLength(2);
  });

  it('is waited for as long as R2 is, at the last way', async () => {
    const { log } = logOf(refuse, {
      deadLetters: { ...deadLettersInBucket(env.DEAD_LETTERS ?? fail()), write: () => new Promise(() => undefined) },
    });
    const waits: number[] = [];
    vi.spyOn(scheduler, 'wait').mockImplementation(async (ms) => {
      waits.push(ms);
      // The queue refuses before any time has passed.
      if (waits.length === 1) await new Promise(() => undefined);
    });
    expect(await log.record([made()])).toEqual(['failed']);
    expect(waits).toEqual([3000, 3000]);
  });

  it('is said to have lost them where nothing takes them', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const write = () => Promise.reject(new Error('R2 is down'));
    const deadLetters = { ...deadLettersInBucket(env.DEAD_LETTERS ?? fail()), write };
    const { log } = logOf(refuse, { deadLetters });
    expect(await log.record([made({ identifier: 4711 })])).toEqual(['failed']);
    const lines = error.mock.calls.flat().join();
    expect(lines).toMatch(/queue down.*R2 is down/s);
    expect(lines).not.toContain('4711');
  });
});

describe('answers that do not wait', () => {
  it('are told that few predictions are pending, and are held up by many', async () => {
    const works: Promise<unknown>[] = [];
    const { log, sends } = logOf(() => scheduler.wait(50), { inBackground: (work) => works.push(work) });
    expect(await log.record([made()])).toEqual(['pending']);
    await Promise.all(works);
    expect([works.length, sends.length]).toEqual([1, 1]);
    const many = Array.from({ length: 100 }, () => made());
    expect(await log.record(many)).toEqual(many.map(() => 'queued'));
  });
});

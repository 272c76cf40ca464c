import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readMessage } from '../../common/prediction-message.ts';
import { made } from '../test/predictions.ts';
import { countRequests, ownDatabaseUrl } from '../test/requests.ts';
import { connect } from './database.ts';
import { createHistory } from './history.ts';
import { createPredictionLog } from './prediction-log.ts';

/** What one operation has, and what one call may have: https://developers.cloudflare.com/queues/platform/ */
const MESSAGE_LIMIT = 64_000;
const SEND_LIMIT = 256_000;

type Message = { body: string };

const DATABASE_URL = ownDatabaseUrl();
const up = connect(DATABASE_URL);
const DOWN_URL = 'postgres://postgres:x@127.0.0.1:9/postgres';

function queueOf(
  sendBatch: (messages: Message[]) => Promise<void>,
  database = connect(DOWN_URL),
  now = () => new Date(),
) {
  const sends: Message[][] = [];
  const queue = {
    sendBatch: vi.fn(async (messages: Message[]) => {
      sends.push(messages);
      await sendBatch(messages);
    }),
  };
  return { sends, log: createPredictionLog(queue, database, now) };
}

const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

describe('many predictions at once', () => {
  const many = () => Array.from({ length: 100 }, () => made());

  it('are stored before they are answered, and few go through the queue', async () => {
    const { log, sends } = queueOf(async () => undefined, up);
    const predictions = many();
    expect(await log.record(predictions)).toEqual(predictions.map(() => 'stored'));
    expect(sends).toEqual([]);
    const ids = predictions.map(({ id }) => id);
    const found = await createHistory(up, { now: () => new Date(), newId: () => '' }).findAll(ids);
    expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(await log.record(predictions.slice(0, 99))).toEqual(Array.from({ length: 99 }, () => 'queued'));
  });

  it('go through the queue while the database is down, which is not asked again at once', async () => {
    let time = 0;
    const { log, sends } = queueOf(
      async () => undefined,
      connect(DOWN_URL),
      () => new Date(time),
    );
    const requests = countRequests(DOWN_URL);
    for (let i = 0; i < 3; i++) expect((await log.record(many()))[0]).toBe('queued');
    expect([requests(), sends.length]).toEqual([1, 3]);
    time = 30_000;
    await log.record(many());
    expect(requests()).toBe(2);
  });

  it('go through the queue where Postgres refuses one of them', async () => {
    const { log, sends } = queueOf(async () => undefined, up);
    const predictions = [...many(), made({ label: 'a\u0000b' })];
    expect(new Set(await log.record(predictions))).toEqual(new Set(['queued']));
    expect(sends.flat().flatMap(({ body }) => readMessage(body).predictions)).toHaveLength(101);
  });
});

describe('the way into the queue', () => {
  it('packs predictions, in order, into messages and sends within the limits of Queues', async () => {
    const { log, sends } = queueOf(async () => undefined);
    const predictions = Array.from({ length: 1500 }, (_, i) =>
      made({ identifier: i + 1, input: { métier: 'é'.repeat(i % 400), age: i } }),
    );
    expect(await log.record(predictions)).toEqual(predictions.map(() => 'queued'));
    expect(sends.flat().flatMap(({ body }) => readMessage(body).predictions)).toEqual(predictions);
    for (const messages of sends) {
      expect(bytesOf(messages.map(({ body }) => body).join(''))).toBeLessThanOrEqual(SEND_LIMIT);
      for (const { body } of messages) expect(bytesOf(body)).toBeLessThanOrEqual(MESSAGE_LIMIT);
    }
    // More than one to each, and of each more than one.
    expect(sends.length).toBeGreaterThan(1);
    expect(sends.flat().length).toBeGreaterThan(sends.length);
  });

  it('says of each prediction whether its message was taken', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let calls = 0;
    const { log } = queueOf(async () => {
      if (++calls === 1) throw new Error('queue down');
    });
    const predictions = Array.from({ length: 900 }, () => made({ input: { text: 'x'.repeat(400) } }));
    const recorded = await log.record(predictions);
    expect(recorded).toHaveLength(predictions.length);
    expect(recorded[0]).toBe('failed');
    expect(recorded.at(-1)).toBe('queued');
    expect(recorded.lastIndexOf('failed')).toBeLessThan(recorded.indexOf('queued'));
    expect(error).toHaveBeenCalledTimes(1);
    expect(error.mock.calls.flat().join()).toContain('queue down');
  });

  it('sends nothing for nothing', async () => {
    const { log, sends } = queueOf(async () => undefined);
    expect(await log.record([])).toEqual([]);
    expect(sends).toEqual([]);
  });
});

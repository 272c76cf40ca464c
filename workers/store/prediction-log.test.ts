import { describe, expect, it, vi } from 'vitest';
import { readMessage } from '../../common/prediction-message.ts';
import { made } from '../test/predictions.ts';
import { createPredictionLog } from './prediction-log.ts';

/** What one operation has, and what one call may have: https://developers.cloudflare.com/queues/platform/ */
const MESSAGE_LIMIT = 64_000;
const SEND_LIMIT = 256_000;

type Message = { body: string };

function queueOf(sendBatch: (messages: Message[]) => Promise<void>) {
  const sends: Message[][] = [];
  const queue = {
    sendBatch: vi.fn(async (messages: Message[]) => {
      sends.push(messages);
      await sendBatch(messages);
    }),
  };
  return { sends, log: createPredictionLog(queue) };
}

const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;

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

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { readMessage } from '../../../common/history/prediction-message.ts';
import { listenOnLoopback, newToken, stopServer } from '../loopback.ts';

const POLL_MS = 50;

/** The messages that were sent through the local queue and are not stored yet. The queue itself is in memory. */
export type QueueJournal = {
  /** The Worker reports here: POST for messages that it sends, DELETE for messages that are settled. It has a secret. */
  address: string;
  /** Waits until no message is left, at most so long, and resolves to those that are. */
  settle(timeoutMs: number): Promise<string[]>;
  close(): Promise<void>;
};

export async function startQueueJournal(): Promise<QueueJournal> {
  const left = new Map<string, string>();
  const server = createServer(async (request, response) => {
    try {
      for (const body of z.array(z.string()).parse(await json(request))) {
        const key = createHash('sha256').update(body).digest('base64');
        if (request.method === 'DELETE') left.delete(key);
        else left.set(key, body);
      }
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(400).end(String(error));
    }
  });
  const token = newToken();
  const port = await listenOnLoopback(server, 0, { token });
  return {
    address: `http://127.0.0.1:${port}/${token}/`,
    async settle(timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (left.size > 0 && Date.now() < deadline) await sleep(POLL_MS);
      return [...left.values()];
    },
    close: () => stopServer(server),
  };
}

export function countPredictions(bodies: readonly string[]): number {
  return bodies.reduce((sum, body) => sum + readMessage(body).predictions.length, 0);
}

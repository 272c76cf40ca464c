import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { readMessage } from '../../../common/history/prediction-message.ts';
import { listenOnLoopback, stopServer } from '../loopback.ts';

const POLL_MS = 50;

/** What was sent through the local queue, which is in memory, and is not stored yet. */
export type QueueNotes = {
  /** Where the Worker notes it: POST for messages that are sent, DELETE for those that are settled. */
  address: string;
  /** The messages that are left, once there are none or after this time. */
  settle(timeoutMs: number): Promise<string[]>;
  close(): Promise<void>;
};

export async function takeQueueNotes(): Promise<QueueNotes> {
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
  const port = await listenOnLoopback(server);
  return {
    address: `http://127.0.0.1:${port}/`,
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

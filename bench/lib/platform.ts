import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';
import { own, stop } from './processes.ts';

/** The commands that the process of servers/platform.ts takes. */
export const PlatformCommand = z.object({
  /** Delivers messages to the URL from now on. */
  consume: z
    .object({ url: z.string(), queue: z.string(), maxBatchSize: z.number(), maxBatchTimeoutMs: z.number() })
    .optional(),
  /** The Postgres to put the Neon endpoint in front of; null for an embedded one. */
  openDatabase: z.string().nullable().optional(),
  /** Asks for an answer once the queue is empty. */
  settle: z.boolean().optional(),
});

export type PlatformProcess = {
  storagePort: number;
  queuePort: number;
  /** Opens and migrates a database; resolves to the URL for the Worker's DATABASE_URL. */
  openDatabase(url: string | null): Promise<string>;
  consume(consumer: NonNullable<z.infer<typeof PlatformCommand>['consume']>): void;
  /** Resolves once the queue is empty. */
  settle(): Promise<void>;
};

const Ports = z.object({ storagePort: z.number(), queuePort: z.number() });
const Opened = z.object({ databaseUrl: z.string() });

export async function startPlatform(running: AsyncDisposableStack): Promise<PlatformProcess> {
  const child = own(fork(join(import.meta.dirname, '../servers/platform.ts')));
  running.defer(() => stop(child));
  const ended = once(child, 'exit').then(() => {
    throw new Error('the stand-in for the platform has ended');
  });
  ended.catch(() => undefined);
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  const ports = Ports.parse(await answer());
  return {
    ...ports,
    async openDatabase(url) {
      const opened = answer();
      child.send({ openDatabase: url });
      return Opened.parse(await opened).databaseUrl;
    },
    consume(consumer) {
      child.send({ consume: consumer });
    },
    async settle() {
      const settled = answer();
      child.send({ settle: true });
      await settled;
    },
  };
}

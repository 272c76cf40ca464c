import { fork } from 'node:child_process';
import type * as z from 'zod';

/** Many times what all cases take: a runtime that waits for itself must not keep everybody waiting. */
const TIMEOUT_MS = 300_000;

/**
 * Has a task done by a script in a process of its own: the runtime can be instantiated but once in one. Resolves to its answer;
 * rejects with what it says instead. What the runtime prints is dropped.
 */
export function askChild<Answer>(script: string, task: object, Answer: z.ZodType<Answer>): Promise<Answer> {
  const child = fork(script, {
    execArgv: [],
    serialization: 'advanced',
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the runtime's process ended early (${signal ?? code})`)));
    child.once('message', (message) => {
      const answer = Answer.safeParse(message);
      if (answer.success) resolve(answer.data);
      else reject(new Error(typeof message === 'string' ? message : String(answer.error)));
    });
    child.send(task);
  });
}

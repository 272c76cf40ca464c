import { fork } from 'node:child_process';
import type * as z from 'zod';

/** Many times the duration of all cases: a deadlocked runtime must not block the build for ever. */
const TIMEOUT_MS = 300_000;

/**
 * Runs a task in a script's own process, because one process can instantiate the runtime only once. Resolves to the answer;
 * rejects with the script's error message. It drops the output of the runtime.
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

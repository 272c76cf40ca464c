import { fork } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';

/** What a process is to run. */
export const CaseTask = z.object({
  /** The runtime. */
  wasm: z.instanceof(Uint8Array),
  /** The export in which the runtime marks the functions that were called, if it does. */
  marks: z.string().nullable(),
  /** Of the inputs, which are drawn at random. */
  seed: z.int(),
  /** The sizes of the batches, in place of those that each case has. */
  rows: z.array(z.int()).nullable(),
});
export type CaseTask = z.infer<typeof CaseTask>;

const Outcome = z.object({
  name: z.string(),
  /** Whether this is what must not fail, or a fault that was provoked. */
  mustSucceed: z.boolean(),
  /** A digest of all outputs, or null where the graph was refused. */
  digest: z.string().nullable(),
  /** Why, where it was refused. */
  refusal: z.string().nullable(),
});
export type Outcome = z.infer<typeof Outcome>;

/** What came of it. */
export const CaseRun = z.object({
  outcomes: z.array(Outcome),
  /** A byte a function that the runtime defines: 1 where it was called. Empty if the runtime does not mark its calls. */
  calls: z.instanceof(Uint8Array),
});
export type CaseRun = z.infer<typeof CaseRun>;

/**
 * Runs every case in a process of its own: the runtime can be instantiated but once in one. What the runtime prints about
 * the faults is dropped.
 */
export function runCases(task: CaseTask): Promise<CaseRun> {
  const child = fork(join(import.meta.dirname, 'run-cases.ts'), {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the runtime's process ended early (${signal ?? code})`)));
    child.once('message', (message) => {
      const run = CaseRun.safeParse(message);
      if (run.success) resolve(run.data);
      else reject(new Error(String(message)));
    });
    child.send(task);
  });
}

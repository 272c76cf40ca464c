import { join } from 'node:path';
import * as z from 'zod';
import { askChild } from './ask-child.ts';

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

/** Runs every case, in another process. */
export function runCases(task: CaseTask): Promise<CaseRun> {
  return askChild(join(import.meta.dirname, 'run-cases.ts'), task, CaseRun);
}

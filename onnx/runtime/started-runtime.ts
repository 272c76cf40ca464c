import { join } from 'node:path';
import * as z from 'zod';
import { askChild } from './ask-child.ts';
import { withImage } from './wasm-image.ts';

/** What a process is to start: the runtime. */
export const StartTask = z.object({ wasm: z.instanceof(Uint8Array) });

/** A runtime after its start. */
const Started = z.object({
  /** How large its memory is. */
  bytes: z.int(),
  /** Which export was called to start it. */
  constructors: z.string(),
  image: z.object({
    chunks: z.array(z.object({ at: z.int(), bytes: z.instanceof(Uint8Array) })),
    variables: z.record(z.string(), z.int()),
  }),
});
export type Started = z.infer<typeof Started>;

/** How large the memory is that Emscripten's script gives the runtime: more than that, and the image would not fit. */
const MEMORY_BYTES = 16 * 1024 * 1024;

/**
 * A runtime that begins where the stock one is once its first graph has run: what ONNX Runtime does at every start, registering
 * all operators of all opsets above all, is done here, once. That is about half of the time from the start to the first session.
 * `code` is the same without the memory: it can begin where the memory of `whole` is there already.
 */
export async function startedRuntime(
  stock: Uint8Array,
): Promise<{ whole: Uint8Array<ArrayBuffer>; code: Uint8Array<ArrayBuffer> }> {
  const { bytes, constructors, image } = await askChild(
    join(import.meta.dirname, 'take-image.ts'),
    { wasm: stock },
    Started,
  );
  if (bytes !== MEMORY_BYTES)
    throw new Error(`the runtime's memory has ${bytes} bytes after its start, not ${MEMORY_BYTES}`);
  const withoutMemory = { ...image, chunks: [] };
  return { whole: withImage(stock, image, constructors), code: withImage(stock, withoutMemory, constructors) };
}

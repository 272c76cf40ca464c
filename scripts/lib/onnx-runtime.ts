import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeAssets } from './assets.ts';
import { UserError } from './cli.ts';
import { provideSlimRuntime } from './slim-runtime-cache.ts';
import { formatBytes } from './text.ts';

/** The Worker and the static page import the runtime from this folder. */
const RUNTIME_FOLDER = resolve(import.meta.dirname, '../../dist/runtime');
const FILE = 'ort-wasm-simd-threaded.wasm';

/** The runtime as onnxruntime-web publishes it. */
export const STOCK = resolve(import.meta.dirname, '../../node_modules/onnxruntime-web/dist', FILE);
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/onnx-runtime');

/** ONNX Runtime as WebAssembly: "stock" as published, "slim" started and without the functions that tabular models do not need. */
export type Runtime = { kind: 'slim' | 'stock'; wasm: Uint8Array<ArrayBuffer>; stockBytes: number };

type Sources = { stock?: string; cache?: string; warn?: (message: string) => void };

/**
 * The runtime that checks models and serves them: the slim one, or the stock one where ONNX_RUNTIME is "stock".
 * Where the slim one cannot be built, it is the stock one too, and `warn` gets the cause.
 */
export async function provideRuntime({
  stock = STOCK,
  cache = CACHE,
  warn = console.warn,
}: Sources = {}): Promise<Runtime> {
  const wanted = process.env['ONNX_RUNTIME'] || 'slim';
  if (wanted !== 'slim' && wanted !== 'stock')
    throw new UserError(`ONNX_RUNTIME is "${wanted}": it must be "slim" (the default) or "stock".`, 2);
  const published = await readFile(stock);
  const asPublished: Runtime = { kind: 'stock', wasm: published, stockBytes: published.length };
  if (wanted === 'stock') return asPublished;
  try {
    return { kind: 'slim', wasm: await provideSlimRuntime(published, cache), stockBytes: published.length };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    warn(
      `The slim ONNX runtime could not be built, so the stock one is used (${formatBytes(published.length)}): it answers the same, and starts more slowly. If onnxruntime-web was updated, adapt onnx/runtime; ONNX_RUNTIME=stock ends this warning. The cause: ${cause}`,
    );
    return asPublished;
  }
}

/** Writes the runtime where the Worker and the static page import it from. */
export async function buildRuntime(): Promise<Runtime> {
  const runtime = await provideRuntime();
  await writeAssets(RUNTIME_FOLDER, [{ path: FILE, bytes: Buffer.from(runtime.wasm) }]);
  return runtime;
}

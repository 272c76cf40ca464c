import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeAssets } from '../../scripts/lib/assets.ts';
import { UserError } from '../../scripts/lib/cli.ts';
import { formatBytes } from '../../scripts/lib/progress-bar.ts';
import { slimRuntime } from './slim-runtime.ts';

/** Where the Worker and the static page import it from. */
const RUNTIME_FOLDER = resolve(import.meta.dirname, '../../dist/runtime');
const FILE = 'ort-wasm-simd-threaded.wasm';

/** As onnxruntime-web publishes it. */
export const STOCK = resolve(import.meta.dirname, '../../node_modules/onnxruntime-web/dist', FILE);
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/onnx-runtime');

/** ONNX Runtime, compiled to WebAssembly: as it is published, or started, and without what tabular models do not need. */
export type Runtime = { kind: 'slim' | 'stock'; wasm: Uint8Array<ArrayBuffer>; stockBytes: number };

type Sources = { stock?: string; cache?: string; warn?: (message: string) => void };

/**
 * The runtime that models are checked with and served by: the slim one, or the stock one where ONNX_RUNTIME says "stock".
 * Where the slim one cannot be built, it is the stock one, too, and `warn` is told why.
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
    return { kind: 'slim', wasm: await slimRuntime(published, cache), stockBytes: published.length };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    warn(
      `The slim ONNX runtime could not be built, so the stock one is used (${formatBytes(published.length)}): it answers the same, and starts more slowly. If onnxruntime-web was updated, adapt onnx/runtime; ONNX_RUNTIME=stock ends this warning. The cause: ${cause}`,
    );
    return asPublished;
  }
}

/** Puts the runtime where the Worker and the static page import it from. */
export async function buildRuntime(): Promise<Runtime> {
  const runtime = await provideRuntime();
  await writeAssets(RUNTIME_FOLDER, [{ path: FILE, bytes: Buffer.from(runtime.wasm) }]);
  return runtime;
}

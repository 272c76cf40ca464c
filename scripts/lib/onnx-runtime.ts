import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { installRuntime } from '../../onnx/switchable-runtime.ts';
import { writeAssets } from './assets.ts';
import { UserError } from './cli.ts';
import { provideSlimRuntime } from './slim-runtime-cache.ts';
import { formatBytes } from './text.ts';

/** The Worker and the static page import the runtime from this folder. */
const RUNTIME_FOLDER = resolve(import.meta.dirname, '../../dist/runtime');
const FILE = 'ort-wasm-simd-threaded.wasm';
const FULL_FILE = 'ort-full.wasm';
/** A module of nothing, in the place of the full runtime where the first one lacks nothing. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** The runtime as onnxruntime-web publishes it. */
export const STOCK = resolve(import.meta.dirname, '../../node_modules/onnxruntime-web/dist', FILE);
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/onnx-runtime');

/**
 * ONNX Runtime as WebAssembly: "stock" as published, "slim" started and without the functions that most tabular models do not
 * need. `full` is the code with all functions, which takes over where the slim one lacks one; null beside "stock".
 */
export type Runtime = {
  kind: 'slim' | 'stock';
  wasm: Uint8Array<ArrayBuffer>;
  full: Uint8Array<ArrayBuffer> | null;
  stockBytes: number;
};

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
  const asPublished: Runtime = { kind: 'stock', wasm: published, full: null, stockBytes: published.length };
  if (wanted === 'stock') return asPublished;
  try {
    const { slim, full } = await provideSlimRuntime(published, cache);
    return { kind: 'slim', wasm: slim, full, stockBytes: published.length };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    warn(
      `The slim ONNX runtime could not be built, so the stock one is used (${formatBytes(published.length)}): it answers the same, and starts more slowly. If onnxruntime-web was updated, adapt onnx/runtime; ONNX_RUNTIME=stock ends this warning. The cause: ${cause}`,
    );
    return asPublished;
  }
}

/** Has this process run models on a runtime, from its first session on. Only the first call counts. */
export function useRuntime({ wasm, full }: Pick<Runtime, 'wasm' | 'full'>): void {
  let compiled: WebAssembly.Module | null = null;
  installRuntime({
    slim: async () => new WebAssembly.Module(wasm),
    async full() {
      if (full) compiled ??= new WebAssembly.Module(full);
      return compiled;
    },
    instantiate: (module, imports) => new WebAssembly.Instance(module, imports),
  });
}

/** Writes the runtime where the Worker and the static page import it from. */
export async function buildRuntime(): Promise<Runtime & { fullModule: Uint8Array<ArrayBuffer> }> {
  const runtime = await provideRuntime();
  const fullModule = runtime.full ?? EMPTY;
  await writeAssets(RUNTIME_FOLDER, [
    { path: FILE, bytes: Buffer.from(runtime.wasm) },
    { path: FULL_FILE, bytes: Buffer.from(fullModule) },
  ]);
  return { ...runtime, fullModule };
}

import { env as ort } from 'onnxruntime-web/wasm';
// npm run build:runtime makes it.
import runtime from '../dist/runtime/ort-wasm-simd-threaded.wasm';
import { runFirstGraph } from './first-graph.ts';

// The runtime insists on bytes to compile; Workers forbid that, and `instantiatePrecompiled` never looks at them.
ort.wasm.wasmBinary = new ArrayBuffer(0);

const { instantiate } = WebAssembly;

// Here, and not when it is needed first: the platform starts a Worker before it has a request that would wait for it.
const started = startRuntime();
// The functions below report the error.
started.catch(() => undefined);

/** Calls `create` once the runtime has started. Rejects, now and later, where it cannot start. */
export async function withPrecompiledRuntime<T>(create: () => Promise<T>): Promise<T> {
  await started;
  return create();
}

/**
 * Starts the runtime by its first session, while `WebAssembly.instantiate` answers with the module that was compiled at deploy
 * time. It restores the original function, also after an error.
 */
async function startRuntime(): Promise<void> {
  Object.assign(WebAssembly, { instantiate: instantiatePrecompiled });
  try {
    await runFirstGraph();
  } finally {
    Object.assign(WebAssembly, { instantiate });
  }
}

async function instantiatePrecompiled(_bytes: BufferSource, imports?: WebAssembly.Imports) {
  return { module: runtime, instance: await instantiate(runtime, imports) };
}

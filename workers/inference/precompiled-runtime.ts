import runtime from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import { env as ort } from 'onnxruntime-web/wasm';

// The runtime insists on bytes to compile; Workers forbid that, and `instantiatePrecompiled` never looks at them.
ort.wasm.wasmBinary = new ArrayBuffer(0);

const { instantiate } = WebAssembly;
let ready = false;

/**
 * Runs `create` while `WebAssembly.instantiate` answers with the module that was compiled at deploy time. The runtime
 * instantiates itself during the first session only; the original function is put back whatever happens.
 */
export async function withPrecompiledRuntime<T>(create: () => Promise<T>): Promise<T> {
  if (ready) return create();
  Object.assign(WebAssembly, { instantiate: instantiatePrecompiled });
  try {
    const created = await create();
    ready = true;
    return created;
  } finally {
    Object.assign(WebAssembly, { instantiate });
  }
}

async function instantiatePrecompiled(_bytes: BufferSource, imports?: WebAssembly.Imports) {
  return { module: runtime, instance: await instantiate(runtime, imports) };
}

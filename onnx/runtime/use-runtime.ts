import { env as ort } from 'onnxruntime-web/wasm';

const { instantiate } = WebAssembly;

type Imports = Record<string, Record<string, unknown>>;
type Exports = Record<string, unknown>;

/** A runtime that was instantiated, and the memory that it was given. */
export type Instantiated = { exports: Exports; memory: WebAssembly.Memory };

/**
 * Lets the runtime of this process be instantiated from `wasm`: once, when the first session is created. `watch` is shown the
 * names of the exports that are functions, as they are called. The function that is returned gives what was instantiated.
 */
export function useRuntime(wasm: Uint8Array, watch?: (name: string) => void): () => Instantiated {
  let instantiated: Instantiated | null = null;
  const module = new WebAssembly.Module(Uint8Array.from(wasm));
  Object.assign(WebAssembly, {
    async instantiate(_bytes: unknown, imports: Imports) {
      const { exports } = await instantiate(module, imports);
      instantiated = { exports, memory: memoryOf(imports) };
      return { module, instance: { exports: watch ? watched(exports, watch) : exports } };
    },
  });
  ort.wasm.wasmBinary = new ArrayBuffer(0);
  ort.wasm.numThreads = 1;
  // What goes wrong is said on stderr, and saying it is code of the runtime, too.
  ort.logLevel = 'error';
  return () => {
    if (!instantiated) throw new Error('the runtime was not instantiated');
    return instantiated;
  };
}

function memoryOf(imports: Imports): WebAssembly.Memory {
  for (const imported of Object.values(imports).flatMap((it) => Object.values(it))) {
    if (imported instanceof WebAssembly.Memory) return imported;
  }
  throw new Error('the runtime is given no memory');
}

function watched(exports: Exports, watch: (name: string) => void): Exports {
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => [
      name,
      typeof value === 'function' ? shown(name, value, watch) : value,
    ]),
  );
}

function shown(name: string, call: CallableFunction, watch: (name: string) => void) {
  return (...parameters: unknown[]): unknown => {
    watch(name);
    return call(...parameters);
  };
}

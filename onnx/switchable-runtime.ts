import { env as ort } from 'onnxruntime-web/wasm';

/** Where the WebAssembly comes from, and what it does there. */
export type RuntimeSource = {
  /** The runtime that starts: the slim one. */
  slim: () => Promise<WebAssembly.Module>;
  /** The code of the full one. Null where there is none: then nothing is missing from the first. */
  full: () => Promise<WebAssembly.Module | null>;
  instantiate: (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => WebAssembly.Instance | Promise<WebAssembly.Instance>;
  /** Is told why the full runtime replaced the slim one; null where it was asked for. */
  onSwitch?: (cause: unknown) => void;
};

export type RuntimeKind = 'slim' | 'full';

/** ONNX Runtime ended in the middle of a call. Nothing may be called until another instance has replaced it. */
class RuntimeEnded extends Error {}

/** How often a switch lets the other calls go on, which end at once: many times what any of them takes. */
const MAX_TURNS = 10_000;

const { instantiate } = WebAssembly;

let source: RuntimeSource | null = null;
/** Set once ONNX Runtime has asked for its WebAssembly. */
let running: { slim: WebAssembly.Module; imports: WebAssembly.Imports; instance: WebAssembly.Instance } | null = null;
let kind: RuntimeKind = 'slim';
/** Counts the instances: what belongs to an earlier one is gone. */
let generation = 0;
/** Why the instance may not be used any longer. */
let ended: { cause: unknown } | null = null;
let calls = 0;
let switching: Promise<void> | null = null;

/**
 * Lets ONNX Runtime be instantiated from `from` when the first session is created. It has one instance at a time, and one memory:
 * the full runtime goes on in the memory of the slim one. Only the first call counts.
 */
export function installRuntime(from: RuntimeSource): void {
  if (source) return;
  source = from;
  // The library insists on bytes to compile. These are never looked at.
  ort.wasm.wasmBinary = new ArrayBuffer(0);
  Object.assign(WebAssembly, {
    instantiate(bytes: WebAssembly.Module, imports: WebAssembly.Imports) {
      if (!(bytes instanceof Uint8Array) || bytes.byteLength > 0) return instantiate(bytes, imports);
      Object.assign(WebAssembly, { instantiate });
      return start(from, imports);
    },
  });
}

async function start(from: RuntimeSource, imports: WebAssembly.Imports) {
  const slim = await from.slim();
  const instance = await from.instantiate(slim, imports);
  running = { slim, imports, instance };
  return { module: slim, instance: { exports: forwardAll(instance.exports) } };
}

export function runtimeKind(): RuntimeKind {
  return kind;
}

/**
 * Runs `work`, which uses ONNX Runtime and waits for nothing else, and gives it the number of the instance. Where the slim
 * runtime lacks a function that `work` needs, the full runtime replaces it, and `work` runs again. All else that `work` throws
 * is what ONNX Runtime says, or has nothing to do with it.
 */
export async function onRuntime<T>(work: (generation: number) => Promise<T>): Promise<T> {
  for (;;) {
    if (ended) {
      const { cause } = ended;
      if (!(await source?.full())) throw cause;
      await switchTo('full');
    }
    calls++;
    try {
      return await work(generation);
    } catch (error) {
      // Another call may have ended the runtime under this one.
      if (!ended) throw error;
    } finally {
      calls--;
    }
  }
}

/** Has the full or the slim runtime run from now on. Sessions of the other one open their graph again. */
export async function switchTo(wanted: RuntimeKind): Promise<void> {
  if (!source || (kind === wanted && !ended)) return;
  const full = wanted === 'full' ? await source.full() : null;
  if (wanted === 'full' && !full) return;
  // Without an instance there is nothing to replace, but one to start with.
  if (!running) {
    kind = 'slim';
    return;
  }
  const cause = ended?.cause ?? null;
  ended ??= { cause: null };
  switching ??= replace(full, cause).finally(() => {
    switching = null;
  });
  await switching;
}

async function replace(full: WebAssembly.Module | null, cause: unknown): Promise<void> {
  if (!source || !running) return;
  // Each call fails at its next step, since the instance has ended, and waits for nothing else.
  for (let turns = 0; calls > 0; turns++) {
    if (turns > MAX_TURNS) throw new Error('calls of the ONNX runtime did not end', { cause });
    await Promise.resolve();
  }
  const { slim, imports } = running;
  new Uint8Array(memoryOf(imports).buffer).fill(0);
  // The slim runtime brings the memory of a started runtime along; the code of the full one goes on from there.
  let instance = await source.instantiate(slim, imports);
  if (full) instance = await source.instantiate(full, imports);
  running = { slim, imports, instance };
  kind = full ? 'full' : 'slim';
  generation++;
  ended = null;
  if (full) source.onSwitch?.(cause);
}

function memoryOf(imports: WebAssembly.Imports): WebAssembly.Memory {
  for (const imported of Object.values(imports).flatMap((it) => Object.values(it)))
    if (imported instanceof WebAssembly.Memory) return imported;
  throw new Error('the runtime is given no memory');
}

/** The library keeps the exports for ever: these call those of the present instance. */
function forwardAll(exports: WebAssembly.Exports): WebAssembly.Exports {
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => {
      if (value instanceof WebAssembly.Table) return [name, forwardTable(name)];
      return [name, typeof value === 'function' ? forward(name) : value];
    }),
  );
}

function forward(name: string) {
  let known = -1;
  let target: CallableFunction | null = null;
  return (...parameters: unknown[]): unknown => {
    if (ended) throw new RuntimeEnded('the ONNX runtime has ended', { cause: ended.cause });
    if (known !== generation || !target) {
      const value = running?.instance.exports[name];
      if (typeof value !== 'function') throw new Error(`the ONNX runtime has no function "${name}"`);
      target = value;
      known = generation;
    }
    try {
      return target(...parameters);
    } catch (error) {
      // Its memory is as the trap left it. What stays of the call must not run on it, nor must anything else.
      if (kind === 'slim' && error instanceof WebAssembly.RuntimeError) ended ??= { cause: error };
      throw error;
    }
  };
}

/** Emscripten's script reads functions from the table, and keeps them. */
function forwardTable(name: string) {
  return {
    get(index: number) {
      let known = -1;
      let target: CallableFunction | null = null;
      return (...parameters: unknown[]): unknown => {
        if (known !== generation || !target) {
          const table = running?.instance.exports[name];
          const value: unknown = table instanceof WebAssembly.Table ? table.get(index) : null;
          if (typeof value !== 'function') throw new Error(`the ONNX runtime has no function ${index}`);
          target = value;
          known = generation;
        }
        return target(...parameters);
      };
    },
  };
}

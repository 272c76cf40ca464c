// npm run build:runtime makes it.
import slim from '../dist/runtime/ort-wasm-simd-threaded.wasm';
import { runFirstGraph } from './first-graph.ts';
import { installRuntime, switchTo } from './switchable-runtime.ts';

/** Is told why the full runtime replaced the slim one; null where a version asks for it. */
let report: (cause: unknown) => void = () => undefined;

// Workers forbid to compile WebAssembly: both runtimes are compiled before.
installRuntime({
  slim: async () => slim,
  async full() {
    // Not at the top: a platform that compiles modules when they are imported has no work with it until then.
    const { default: full } = await import('../dist/runtime/ort-full.wasm');
    return WebAssembly.Module.exports(full).length > 0 ? full : null;
  },
  // In one go: a request that is cancelled meanwhile would leave the others waiting.
  instantiate: (module, imports) => new WebAssembly.Instance(module, imports),
  onSwitch: (cause) => report(cause),
});

// Here, and not when it is needed first: the platform starts a Worker before it has a request that would wait for it.
const started = runFirstGraph();
// The functions below report the error.
started.catch(() => undefined);

/** Has `listener` called when the full runtime replaces the slim one, with the trap that is the reason, or null. */
export function onFullRuntime(listener: (cause: unknown) => void): void {
  report = listener;
}

/**
 * Calls `create` once the runtime has started: the full one, where `kind` says so. Rejects, now and later, where it cannot
 * start.
 */
export async function withPrecompiledRuntime<T>(create: () => Promise<T>, kind?: 'full'): Promise<T> {
  await started;
  if (kind === 'full') await switchTo('full');
  return create();
}

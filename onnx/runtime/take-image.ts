import { runFirstGraph } from '../first-graph.ts';
import { type Started, StartTask } from './started-runtime.ts';
import { useRuntime } from './use-runtime.ts';
import { chunksOf, exportVariables } from './wasm-image.ts';

process.once('message', async (message) => {
  try {
    process.send?.(await takeImage(StartTask.parse(message).wasm), () => process.disconnect());
  } catch (error) {
    process.send?.(String(error), () => process.disconnect());
  }
});

async function takeImage(stock: Uint8Array): Promise<Started> {
  const { wasm, names } = exportVariables(stock);
  const called: string[] = [];
  const instantiated = useRuntime(wasm, (name) => called.push(name));
  await runFirstGraph();
  const { exports, memory } = instantiated();
  // A program of Emscripten is started by its constructors: they are called first, and once.
  const [constructors, ...later] = called;
  if (constructors === undefined || later.includes(constructors))
    throw new Error('what constructs the runtime is not called first, and once');
  const variables = names.map((name) => {
    const variable = exports[name];
    if (!(variable instanceof WebAssembly.Global)) throw new Error(`the runtime exports no ${name}`);
    return [name, Number(variable.value)] as const;
  });
  return {
    bytes: memory.buffer.byteLength,
    constructors,
    image: { chunks: chunksOf(new Uint8Array(memory.buffer)), variables: Object.fromEntries(variables) },
  };
}

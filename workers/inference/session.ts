import runtime from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import { InferenceSession, env as ort, Tensor } from 'onnxruntime-web/wasm';
import type { Contract } from '../../common/contract.ts';
import type { Matrix } from '../../common/tensors.ts';

/** A graph that is ready to run. */
export type Session = {
  /** One probability a row. */
  run(inputs: readonly Matrix[]): Promise<number[]>;
  release(): Promise<void>;
};

ort.wasm.numThreads = 1;
// The runtime insists on bytes to compile; Workers forbid that, and `withPrecompiledRuntime` never looks at them.
ort.wasm.wasmBinary = new ArrayBuffer(0);
ort.logLevel = 'error';

const { instantiate } = WebAssembly;
let runtimeReady = false;

/** Creates the session of one graph, and checks that the graph has the inputs and the output that its contract states. */
export async function createSession(graph: Uint8Array, { inputs, output }: Contract['graph']): Promise<Session> {
  const session = await withPrecompiledRuntime(() =>
    InferenceSession.create(graph, {
      executionProviders: ['wasm'],
      intraOpNumThreads: 1,
      graphOptimizationLevel: 'all',
    }),
  );
  const missing = [
    ...inputs.filter(({ name }) => !session.inputNames.includes(name)).map(({ name }) => `input "${name}"`),
    ...(session.outputNames.includes(output) ? [] : [`output "${output}"`]),
  ];
  if (missing.length > 0) throw new Error(`the graph lacks what its contract states: ${missing.join(', ')}`);

  return {
    async run(matrices) {
      const feeds = Object.fromEntries(matrices.map((matrix) => [matrix.name, toTensor(matrix)]));
      const results = await session.run(feeds, [output]);
      const probabilities = results[output];
      if (!(probabilities?.data instanceof Float32Array)) throw new Error(`output "${output}" is not a float32 tensor`);
      return Array.from(probabilities.data);
    },
    release: () => session.release(),
  };
}

function toTensor(matrix: Matrix): Tensor {
  switch (matrix.type) {
    case 'string':
      return new Tensor('string', matrix.data, matrix.dims);
    case 'float32':
      return new Tensor('float32', matrix.data, matrix.dims);
    case 'int64':
      return new Tensor('int64', matrix.data, matrix.dims);
  }
}

/**
 * Runs `create` while `WebAssembly.instantiate` answers with the module that was compiled at deploy time. The runtime
 * instantiates itself during the first session only; the original function is put back whatever happens.
 */
async function withPrecompiledRuntime<T>(create: () => Promise<T>): Promise<T> {
  if (runtimeReady) return create();
  Object.assign(WebAssembly, { instantiate: instantiatePrecompiled });
  try {
    const created = await create();
    runtimeReady = true;
    return created;
  } finally {
    Object.assign(WebAssembly, { instantiate });
  }
}

async function instantiatePrecompiled(_bytes: BufferSource, imports?: WebAssembly.Imports) {
  return { module: runtime, instance: await instantiate(runtime, imports) };
}

import { InferenceSession, env as ort, Tensor } from 'onnxruntime-web/wasm';
import type { Contract } from '../../common/contract.ts';
import type { Matrix } from '../../common/tensors.ts';

/** A graph that is ready to run. */
export type Session = {
  /** One probability a row. */
  run(inputs: readonly Matrix[]): Promise<number[]>;
  /** Frees the graph's memory; the session cannot run afterwards. */
  release(): Promise<void>;
};

ort.wasm.numThreads = 1;
ort.logLevel = 'error';

/**
 * Creates the session of one graph, and checks that the graph has the inputs and the output that its contract states. Runs
 * wherever ONNX Runtime's WebAssembly does: Node, a browser or, with the precompiled runtime, a Worker.
 */
export async function createSession(
  graph: Uint8Array,
  { inputs, output }: Pick<Contract['graph'], 'inputs' | 'output'>,
): Promise<Session> {
  const session = await InferenceSession.create(graph, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  const missing = [
    ...inputs.filter(({ name }) => !session.inputNames.includes(name)).map(({ name }) => `input "${name}"`),
    ...(session.outputNames.includes(output) ? [] : [`output "${output}"`]),
  ];
  if (missing.length > 0) {
    await session.release();
    throw new Error(`the graph lacks what its contract states: ${missing.join(', ')}`);
  }

  return {
    async run(matrices) {
      const feeds = Object.fromEntries(matrices.map((matrix) => [matrix.name, toTensor(matrix)]));
      const results = await session.run(feeds, [output]);
      const probabilities = results[output];
      if (!(probabilities?.data instanceof Float32Array)) throw new Error(`output "${output}" is not a float32 tensor`);
      const rows = matrices[0]?.dims[0];
      if (probabilities.data.length !== rows) {
        throw new Error(`output "${output}" has shape [${probabilities.dims.join(', ')}], not [${rows}]`);
      }
      const wrong = probabilities.data.find((value) => !(value >= 0 && value <= 1));
      if (wrong !== undefined) throw new Error(`output "${output}" holds ${wrong}, which is no probability`);
      return Array.from(probabilities.data);
    },
    release: () => session.release(),
  };
}

export function toTensor(matrix: Matrix): Tensor {
  switch (matrix.type) {
    case 'string':
      return new Tensor('string', matrix.data, matrix.dims);
    case 'float32':
      return new Tensor('float32', matrix.data, matrix.dims);
    case 'int64':
      return new Tensor('int64', matrix.data, matrix.dims);
  }
}

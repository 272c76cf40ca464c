import { InferenceSession, env as ort, Tensor } from 'onnxruntime-web/wasm';
import type { Contract } from '../common/contract/contract.ts';
import type { Matrix } from '../common/record/tensors.ts';
import { type Categorised, encodeText } from './encode-text.ts';

/** A graph that is ready to run. */
export type Session = {
  /** One probability a row. */
  run(inputs: readonly Matrix[]): Promise<number[]>;
  /** Frees the graph's memory; the session cannot run afterwards. */
  release(): Promise<void>;
};

ort.wasm.numThreads = 1;
ort.logLevel = 'error';

/** What a session is made of beside the graph: its contract, or as much of one. */
export type SessionContract = {
  features: readonly Categorised[];
  graph: Pick<Contract['graph'], 'inputs' | 'output'>;
};

/**
 * Creates the session of one graph, and checks that the graph has the inputs and the output that its contract states. Runs
 * wherever ONNX Runtime's WebAssembly does: Node, a browser or, with the precompiled runtime, a Worker.
 */
export async function createSession(graph: Uint8Array, contract: SessionContract): Promise<Session> {
  const { inputs, output } = contract.graph;
  const encoded = await encodeText(graph, contract, runOnce);
  const session = await open(encoded?.model ?? graph);
  const wanted = inputs.map(({ name }) => (name === encoded?.inputs.text ? encoded.inputs.codes : name));
  const missing = [
    ...wanted.filter((name) => !session.inputNames.includes(name)).map((name) => `input "${name}"`),
    ...(session.outputNames.includes(output) ? [] : [`output "${output}"`]),
  ];
  if (missing.length > 0) {
    await session.release();
    throw new Error(`the graph lacks what its contract states: ${missing.join(', ')}`);
  }

  return {
    async run(matrices) {
      const given = matrices.map((it) => (encoded && it.type === 'string' ? encoded.encode(it) : it));
      const results = await session.run(toFeeds(given), [output]);
      const probabilities = results[output];
      if (!(probabilities?.data instanceof Float32Array)) throw new Error(`output "${output}" is not a float32 tensor`);
      const rows = matrices[0]?.dims[0];
      if (probabilities.data.length !== rows) {
        throw new Error(`output "${output}" has shape [${probabilities.dims.join(', ')}], not [${rows}]`);
      }
      const wrong = probabilities.data.find((value) => !(value >= 0 && value <= 1));
      if (wrong !== undefined) throw new Error(`output "${output}" holds ${wrong}, which is not a probability`);
      return Array.from(probabilities.data);
    },
    release: () => session.release(),
  };
}

function open(graph: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(graph, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
}

async function runOnce(graph: Uint8Array, output: string, input: Matrix): Promise<Tensor> {
  const session = await open(graph);
  try {
    const { [output]: result } = await session.run(toFeeds([input]), [output]);
    if (!result) throw new Error(`the graph has no output "${output}"`);
    return result;
  } finally {
    await session.release();
  }
}

export function toFeeds(matrices: readonly Matrix[]): Record<string, Tensor> {
  return Object.fromEntries(matrices.map((matrix) => [matrix.name, toTensor(matrix)]));
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

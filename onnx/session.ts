import { InferenceSession, env as ort, Tensor } from 'onnxruntime-web/wasm';
import type { GraphInput } from '../common/contract/graph.ts';
import type { OutputTensor } from '../common/contract/outputs/kind.ts';
import type { Matrix } from '../common/record/tensors.ts';
import { encodeText } from './encode-text.ts';
import { onRuntime, runtimeKind } from './switchable-runtime.ts';

/** A graph that is ready to run. */
export type Session<Raw> = {
  /** What the graph says of each row. */
  run(inputs: readonly Matrix[]): Promise<Raw[]>;
  /** Frees the graph's memory; the session cannot run afterwards. */
  release(): Promise<void>;
};

ort.wasm.numThreads = 1;
ort.logLevel = 'error';

/** What a session must know beside the graph; `toSessionContract` takes it from a contract. */
export type SessionContract<Raw> = {
  inputs: readonly GraphInput[];
  /** The name of the tensor that is read. */
  output: string;
  /** Every text that a column of text may hold, by its feature; null where it may be any. */
  textsOf: (feature: string) => readonly string[] | null;
  /** Throws where the tensor cannot be the output of so many rows. */
  readRaw: (tensor: OutputTensor, rows: number) => Raw[];
};

/**
 * Creates the session of one graph, and checks that the graph has the inputs and the output that its contract states. Runs
 * wherever ONNX Runtime's WebAssembly does: Node, a browser or, with the precompiled runtime, a Worker.
 */
export async function createSession<Raw>(graph: Uint8Array, contract: SessionContract<Raw>): Promise<Session<Raw>> {
  const { inputs, output, readRaw } = contract;
  const encoded = await encodeText(graph, contract, runOnce);
  const session = await openGraph(encoded?.model ?? graph);
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
      const tensor = results[output];
      const rows = matrices[0]?.dims[0];
      if (!tensor || rows === undefined) throw new Error(`the graph did not answer with output "${output}"`);
      return readRaw({ name: output, data: tensor.data, dims: tensor.dims }, rows);
    },
    release: () => session.release(),
  };
}

/** A session of a graph in the present runtime, and in the one that replaces it. */
type GraphSession = Pick<InferenceSession, 'inputNames' | 'outputNames' | 'release'> & {
  run(feeds: Record<string, Tensor>, fetches: string[]): Promise<InferenceSession.ReturnType>;
};

/** Opens a graph. Where the slim runtime cannot run it, now or later, the full one does, and nothing else changes. */
export async function openGraph(graph: Uint8Array): Promise<GraphSession> {
  let opened = await onRuntime(async (generation) => ({ generation, session: await create(graph) }));
  const { inputNames, outputNames } = opened.session;
  // The full runtime is not replaced: there the graph is not needed again.
  let bytes = runtimeKind() === 'slim' ? graph : null;
  let opening: { generation: number; session: Promise<InferenceSession> } | null = null;
  const sessionIn = async (generation: number): Promise<InferenceSession> => {
    if (opened.generation === generation) return opened.session;
    if (!bytes) throw new Error('the ONNX runtime was replaced: create the session again');
    if (opening?.generation !== generation) opening = { generation, session: create(bytes) };
    try {
      opened = { generation, session: await opening.session };
      if (runtimeKind() === 'full') bytes = null;
      return opened.session;
    } finally {
      opening = null;
    }
  };
  return {
    inputNames,
    outputNames,
    run: (feeds, fetches) => onRuntime(async (generation) => (await sessionIn(generation)).run(feeds, fetches)),
    release: () =>
      onRuntime(async (generation) => {
        bytes = null;
        // The memory of an earlier runtime is free already, and may be another session's.
        if (opened.generation === generation) await opened.session.release();
      }),
  };
}

function create(graph: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(graph, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
}

async function runOnce(graph: Uint8Array, output: string, input: Matrix): Promise<Tensor> {
  const session = await openGraph(graph);
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
    case 'float64':
      return new Tensor('float64', matrix.data, matrix.dims);
    case 'int64':
      return new Tensor('int64', matrix.data, matrix.dims);
    case 'int32':
      return new Tensor('int32', matrix.data, matrix.dims);
    case 'bool':
      return new Tensor('bool', matrix.data, matrix.dims);
  }
}

import { createHash } from 'node:crypto';
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import * as z from 'zod';
import { type CaseRun, CaseTask, type Outcome } from './case-run.ts';
import { allCases } from './cases/all-cases.ts';
import type { Case, Drawn } from './cases/case.ts';
import { sound, unloadable, unrunnable } from './cases/faults.ts';
import { type Attribute, type Graph, type TensorValue, writeModel } from './onnx-graph.ts';
import { useRuntime } from './use-runtime.ts';
import { draw, seededRandom, toTensor } from './values.ts';

/** How many rows a graph has that is computed when it is loaded. */
const FOLDED_ROWS = 2;

/** Inputs, drawn at random. Most of the cases have matrices of the same kinds, and each is drawn once. */
class Inputs {
  readonly #random;
  readonly #drawn = new Map<string, { value: TensorValue; tensor: Tensor }>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** The inputs of a case, by their names. Two of one kind differ. */
  of({ inputs }: Case, rows: number): [name: string, { value: TensorValue; tensor: Tensor }][] {
    return Object.entries(inputs).map(([name, drawn], position) => [name, this.#one(drawn, rows, position)]);
  }

  feeds(one: Case, rows: number): Record<string, Tensor> {
    return Object.fromEntries(this.of(one, rows).map(([name, { tensor }]) => [name, tensor]));
  }

  #one(drawn: Drawn, rows: number, position: number) {
    const key = JSON.stringify([drawn, drawn.dims.includes('rows') && rows, position]);
    const known = this.#drawn.get(key);
    if (known) return known;
    const value = draw(drawn, rows, this.#random);
    const one = { value, tensor: toTensor(value) };
    this.#drawn.set(key, one);
    return one;
  }
}

/** Runs all cases, with the runtime that this process uses. */
async function runAll(seed: number, rows: readonly number[] | null): Promise<Outcome[]> {
  const inputs = new Inputs(seed);
  const outcomes: Outcome[] = [];
  const note = async (name: string, mustSucceed: boolean, work: () => Promise<string>) => {
    outcomes.push({ name, mustSucceed, ...(await attempt(work)) });
  };
  const folded = new Set<string>();
  for (const one of allCases) {
    await note(one.name, true, () => runBatches(one, rows ?? one.rows, inputs));
    // Once an operator and types: which inputs are constants makes no difference to its attributes.
    if (folded.has(one.kind)) continue;
    folded.add(one.kind);
    await note(`${one.name}, of constants`, false, () => runBatches(fold(one, inputs), [FOLDED_ROWS], inputs));
  }
  for (const one of unloadable) await note(one.name, false, () => runBatches(one, [], inputs));
  for (const one of unrunnable) {
    // One batch a run: the first that fails would keep the others from being tried.
    for (const size of one.rows) await note(`${one.name}, ${size} rows`, false, () => runBatches(one, [size], inputs));
  }
  for (const { name, graph, feeds } of misuses(inputs)) {
    await note(name, false, async () => {
      await using session = await load(graph);
      return digest([await session.run(feeds)]);
    });
  }
  return outcomes;
}

async function attempt(work: () => Promise<string>): Promise<Pick<Outcome, 'digest' | 'refusal'>> {
  try {
    return { digest: await work(), refusal: null };
  } catch (error) {
    return { digest: null, refusal: String(error) };
  }
}

async function load(graph: Graph | Uint8Array) {
  const bytes = graph instanceof Uint8Array ? graph : writeModel(graph);
  // As the Worker does it.
  const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
  return {
    run: (feeds: Record<string, Tensor>, fetches = session.outputNames) => session.run(feeds, fetches),
    [Symbol.asyncDispose]: () => session.release(),
  };
}

async function runBatches(one: Case, sizes: readonly number[], inputs: Inputs): Promise<string> {
  await using session = await load(one.graph);
  const results: InferenceSession.ReturnType[] = [];
  for (const size of sizes) results.push(await session.run(inputs.feeds(one, size), [...one.fetches]));
  return digest(results.map((result) => withoutGarbage(one, result)));
}

/**
 * The outputs of a run without those that onnxruntime-web 1.30.0 leaves unset, so that they hold earlier memory. One is the
 * second score of a single sum that goes through a probit. The other is the second label of a classifier with one text label.
 * The graph alone does not say which scores are single sums, so this leaves out all scores or labels of such classifiers.
 */
function withoutGarbage({ graph, fetches }: Case, result: InferenceSession.ReturnType): InferenceSession.ReturnType {
  const [labels, scores] = fetches;
  const attributes = graph.nodes.filter(({ type }) => type.endsWith('Classifier')).map((node) => node.attributes);
  const garbage = new Set([
    ...attributes.filter((it) => textsOf(it['post_transform'])[0] === 'PROBIT').map(() => scores),
    ...attributes.filter((it) => textsOf(it['classlabels_strings']).length === 1).map(() => labels),
  ]);
  return Object.fromEntries(Object.entries(result).filter(([name]) => !garbage.has(name)));
}

function textsOf(attribute: Attribute | undefined): readonly string[] {
  if (attribute === undefined) return [];
  if ('text' in attribute) return [attribute.text];
  return 'texts' in attribute ? attribute.texts : [];
}

/** The same with inputs that are constants: the runtime then computes the graph while it loads it. */
function fold(one: Case, inputs: Inputs): Case {
  const constants = Object.fromEntries(inputs.of(one, FOLDED_ROWS).map(([name, { value }]) => [name, value]));
  return {
    ...one,
    inputs: {},
    graph: { ...one.graph, inputs: [], constants: { ...one.graph.constants, ...constants } },
  };
}

type Misuse = { name: string; graph: Graph | Uint8Array; feeds: Record<string, Tensor> };

/** Bytes that are not a graph, and inputs that the graph does not have. */
function misuses(inputs: Inputs): Misuse[] {
  return sound.flatMap((one): Misuse[] => {
    const bytes = writeModel(one.graph);
    const [name = ''] = Object.keys(one.inputs);
    const fed = (tensor: Tensor): Misuse => ({
      name: `${one.name} with ${tensor.type} [${tensor.dims}]`,
      graph: one.graph,
      feeds: { [name]: tensor },
    });
    return [
      { name: 'no bytes', graph: new Uint8Array(), feeds: {} },
      { name: 'bytes that are no graph', graph: new Uint8Array(1000).fill(0x41), feeds: {} },
      ...[10, 40, bytes.length - 1].map((length) => ({
        name: `the first ${length} bytes of a graph`,
        graph: bytes.slice(0, length),
        feeds: {},
      })),
      { name: `${one.name} without its input`, graph: one.graph, feeds: {} },
      { name: `${one.name} with another input`, graph: one.graph, feeds: { other: new Tensor('float32', [1]) } },
      fed(new Tensor('float32', [1, 2], [1, 2])),
      fed(new Tensor('float32', [1, 2, 3], [3])),
      fed(new Tensor('float32', [], [0, 3])),
      fed(new Tensor('string', ['a', 'b', 'c'], [1, 3])),
      fed(new Tensor('int64', [1n, 2n, 3n], [1, 3])),
      { name: `${one.name}, as it should be`, graph: one.graph, feeds: inputs.feeds(one, 1) },
    ];
  });
}

function digest(results: readonly InferenceSession.ReturnType[]): string {
  const hash = createHash('sha256');
  for (const result of results) {
    for (const [name, { type, dims, data }] of Object.entries(result)) {
      hash.update(`${name} ${type} [${dims}] `);
      hash.update(ArrayBuffer.isView(data) ? bytesOf(data) : JSON.stringify(data));
    }
  }
  return hash.digest('hex');
}

/** WebAssembly leaves open which of its many NaNs an operation gives, and V8's compilers differ in it. */
function bytesOf(data: ArrayBufferView): Uint8Array {
  const same =
    data instanceof Float32Array || data instanceof Float64Array
      ? data.map((value) => (Number.isNaN(value) ? Number.NaN : value))
      : data;
  return new Uint8Array(same.buffer, same.byteOffset, same.byteLength);
}

process.once('message', async (message) => {
  try {
    const { wasm, marks, seed, rows } = CaseTask.parse(message);
    const instantiated = useRuntime(wasm);
    const outcomes = await runAll(seed, rows);
    const memory = marks === null ? null : z.instanceof(WebAssembly.Memory).parse(instantiated().exports[marks]);
    const run: CaseRun = { outcomes, calls: memory ? new Uint8Array(memory.buffer.slice(0)) : new Uint8Array() };
    process.send?.(run, () => process.disconnect());
  } catch (error) {
    process.send?.(String(error), () => process.disconnect());
  }
});

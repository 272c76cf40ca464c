import { InferenceSession, type Tensor } from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureKind } from '../common/contract/features/features.ts';
import type { GraphInput } from '../common/contract/graph.ts';
import { outputKind, type RawOutput } from '../common/contract/outputs/outputs.ts';
import { toRecord } from '../common/record/request-schema.ts';
import { createMatrixLayout, type Matrix } from '../common/record/tensors.ts';
import { createValidator } from '../common/record/validation.ts';
import { attrition, flags } from '../common/test/contracts.ts';
import { readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { provideRuntime, useRuntime } from '../scripts/lib/onnx-runtime.ts';
import { type Attributes, type Graph, type Node, type TensorValue, writeModel } from './runtime/onnx-graph.ts';
import { createSession, type SessionContract, toFeeds } from './session.ts';
import { toSessionContract } from './session-contract.ts';
import { splitGraph } from './split-graph.ts';
import { writeFlagsModel } from './test/flags-model.ts';

beforeAll(async () => {
  useRuntime(await provideRuntime());
}, 180_000);

function node(type: string, inputs: string, output: string, attributes: Attributes = {}): Node {
  const domain = type === 'LabelEncoder' ? 'ai.onnx.ml' : 'ai.onnx';
  return { domain, type, inputs: inputs.split(' '), outputs: [output], attributes };
}

const texts = (...data: string[]): TensorValue => ({ type: 'string', dims: [1, data.length], data });
const integers = (...data: number[]): TensorValue => ({ type: 'int64', dims: [data.length], data });

/** Two words and a number, whose codes are added up: 1 or 2, 10 or 20, and the number. */
const ENCODER = node('LabelEncoder', 'keys', 'codes', {
  keys_strings: { texts: ['one=a', 'one=b', 'two=a', 'two=b'] },
  values_floats: { floats: [0.01, 0.02, 0.1, 0.2] },
  default_float: { float: 0 },
});
const KEYS = node('StringConcat', 'prefixes words', 'keys');
const COLUMNS = node('Concat', 'codes number', 'columns', { axis: { int: 1 } });
const SUM = node('ReduceSum', 'columns axes', 'sum', { keepdims: { int: 0 } });

function modelOf(nodes: Node[], more: Partial<Graph> = {}): Uint8Array<ArrayBuffer> {
  return writeModel({
    inputs: [
      { name: 'words', type: 'string', dims: [null, 2] },
      { name: 'number', type: 'float32', dims: [null, 1] },
    ],
    outputs: [{ name: 'sum', type: 'float32', dims: [null] }],
    constants: { prefixes: texts('one=', 'two='), axes: integers(1) },
    nodes,
    opsets: { 'ai.onnx': 20, 'ai.onnx.ml': 3 },
    style: 'described',
    ...more,
  });
}

const contract: SessionContract<RawOutput> = {
  inputs: [
    { name: 'words', type: 'string', features: ['first', 'second'] },
    { name: 'number', type: 'float32', features: ['third'] },
  ],
  output: 'sum',
  textsOf: (feature) => (feature === 'third' ? [] : ['a', 'b']),
  readRaw: (tensor, rows) => outputKind(attrition.output).readRaw(tensor, rows, null),
};

const ROWS: [string, string, number][] = [
  ['a', 'a', 0.5],
  ['b', 'a', 0],
  ['a', 'b', 0.25],
  ['b', 'b', 0.125],
];
const MATRICES: Matrix[] = [
  { name: 'words', type: 'string', dims: [4, 2], data: ROWS.flatMap((row) => row.slice(0, 2).map(String)) },
  { name: 'number', type: 'float32', dims: [4, 1], data: Float32Array.from(ROWS, ([, , third]) => third) },
];

function floatsOf(tensor: Tensor | undefined): number[] {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the graph answered no float32');
  return [...tensor.data];
}

async function answersOf(model: Uint8Array): Promise<{ session: number[]; graph: number[] }> {
  const [session, whole] = [await createSession(model, contract), await InferenceSession.create(model)];
  const results = await whole.run(toFeeds(MATRICES));
  return {
    session: (await session.run(MATRICES)).filter((it) => typeof it === 'number'),
    graph: floatsOf(results['sum']),
  };
}

describe('a session', () => {
  it('of the published model answers as the whole graph does, to the last bit', async () => {
    const { contract, files } = await readModelFolder('model');
    const graph = files['model.onnx'];
    const session = await createSession(graph, toSessionContract(contract));
    const whole = await InferenceSession.create(graph);
    // Each category of each feature is among them.
    const rows = contract.golden.flatMap(({ values }, i) => [
      values,
      contract.features.map((feature, at) => {
        const texts = featureKind(feature).texts() ?? [];
        return texts[i % texts.length] ?? values[at] ?? null;
      }),
    ]);
    const matrices = createMatrixLayout(contract)(rows);
    const { [contract.graph.output]: expected } = await whole.run(toFeeds(matrices));
    expect(await session.run(matrices)).toEqual(floatsOf(expected));
    expect(splitGraph(graph, 'categorical')?.cut).toBe('encoded');
  });

  it.each([
    ['that encodes its text first', [KEYS, ENCODER, COLUMNS, SUM], 'codes'],
    [
      'with nodes of constants',
      [
        node('Abs', 'small', 'factor'),
        KEYS,
        ENCODER,
        node('Mul', 'codes factor', 'scaled'),
        node('Mul', 'number factor', 'other'),
        node('Concat', 'scaled other', 'columns', { axis: { int: 1 } }),
        SUM,
      ],
      'scaled',
    ],
    [
      'that needs its text in two places',
      [
        KEYS,
        ENCODER,
        node('Abs', 'codes', 'again'),
        node('Concat', 'codes again number', 'columns', { axis: { int: 1 } }),
        SUM,
      ],
      null,
    ],
    [
      'whose text meets the rest as it is',
      [
        node('Equal', 'words words', 'same'),
        node('Cast', 'same', 'codes', { to: { int: 1 } }),
        node('Mul', 'number number', 'square'),
        node('Concat', 'codes square', 'scaled', { axis: { int: 1 } }),
        node('Mul', 'scaled small', 'columns'),
        SUM,
      ],
      'codes',
    ],
  ])('of a graph %s answers as that graph does', async (_title, nodes, cut) => {
    const model = modelOf(nodes, {
      constants: {
        prefixes: texts('one=', 'two='),
        axes: integers(1),
        small: { type: 'float32', dims: [1], data: [0.1] },
      },
    });
    const { session, graph } = await answersOf(model);
    expect(session).toEqual(graph);
    expect(session).toHaveLength(4);
    expect(splitGraph(model, 'words')?.cut ?? null).toBe(cut);
  });

  it('is not of a split graph where a node has a graph of its own', () => {
    const branch = node('If', 'sum', 'chosen');
    expect(splitGraph(modelOf([KEYS, ENCODER, COLUMNS, SUM, branch]), 'words')).toBeNull();
  });

  it('leaves text alone whose code depends on more than its own cell', async () => {
    const total = node('ReduceSum', 'codes axes', 'total', { keepdims: { int: 1 } });
    const share = node('Div', 'codes total', 'shares');
    const model = modelOf([
      KEYS,
      ENCODER,
      total,
      share,
      node('Concat', 'shares number', 'columns', { axis: { int: 1 } }),
      // The shares of a row sum to 1, whatever they are: a sum or a mean would hide wrong ones.
      node('ReduceMax', 'columns axes', 'sum', { keepdims: { int: 0 } }),
    ]);
    expect(splitGraph(model, 'words')?.cut).toBe('shares');
    const { session, graph } = await answersOf(model);
    expect(session).toEqual(graph);
  });

  it('says what its graph lacks', async () => {
    const model = modelOf([KEYS, ENCODER, COLUMNS, SUM]);
    const more: GraphInput = { name: 'more', type: 'float32', features: ['third'] };
    const other = { ...contract, output: 'other', inputs: [...contract.inputs, more] };
    await expect(createSession(model, other)).rejects.toThrow(
      'lacks what its contract states: input "more", output "other"',
    );
  });

  it('takes a flag as bool, int64, float32 and text', async () => {
    const model = writeFlagsModel();
    const validate = createValidator(flags);
    const session = await createSession(model, toSessionContract(flags));
    const toMatrices = createMatrixLayout(flags);
    for (let bits = 0; bits < 16; bits++) {
      const values = flags.features.map((_, i) => (bits & (8 >> i)) !== 0);
      const read = validate(toRecord(flags, values));
      expect(read).toMatchObject({ ok: true, values });
      expect(await session.run(toMatrices([values]))).toEqual([bits / 16]);
    }
    await session.release();
  });

  it('refuses text that is not a category', async () => {
    const session = await createSession(modelOf([KEYS, ENCODER, COLUMNS, SUM]), contract);
    const [words, number] = MATRICES;
    if (words?.type !== 'string' || !number) throw new Error('the first matrix must be of text');
    await expect(session.run([{ ...words, data: words.data.with(3, 'c') }, number])).rejects.toThrow(
      '"c" is not a category',
    );
  });
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-web/wasm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { verifyVersion } from '../../scripts/lib/model/verify-version.ts';
import { provideRuntime, type Runtime, useRuntime } from '../../scripts/lib/onnx-runtime.ts';
import { openGraph } from '../session.ts';
import { runtimeKind, switchTo } from '../switchable-runtime.ts';
import { runCases } from './case-run.ts';
import { allCases } from './cases/all-cases.ts';
import { expand, matrix } from './cases/case.ts';
import { writeModel } from './onnx-graph.ts';
import { readRequirements } from './onnx-operators.ts';
import { OPERATORS } from './operator-names.ts';
import { findUnsupported } from './supported.ts';

let slim: Runtime;
let stock: Runtime;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runtime-'));
  slim = await withSetting('slim');
  stock = await withSetting('stock');
}, 180_000);
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function withSetting(value: string, sources = {}): Promise<Runtime> {
  vi.stubEnv('ONNX_RUNTIME', value);
  return provideRuntime(sources);
}

/** A model of one operator. */
function modelOf(operator: string, type: 'float32' | 'string', opset = 20): Uint8Array<ArrayBuffer> {
  const [one] = expand([{ operator, inputs: [matrix(type, 2)], from: opset, to: opset }]);
  if (!one) throw new Error('there is no such case');
  return writeModel(one.graph);
}

describe('the slim runtime', () => {
  it('is much smaller than the stock one, which is there as well', () => {
    expect([slim.kind, stock.kind]).toEqual(['slim', 'stock']);
    expect(slim.wasm.length / stock.wasm.length).toBeLessThan(0.6);
    expect(slim.stockBytes).toBe(stock.wasm.length);
  });

  it('answers and refuses as the stock one does, with every operator, on inputs that it was not made with', async () => {
    const run = ({ wasm }: Runtime) => runCases({ wasm, marks: null, seed: 20, rows: [4, 40] });
    const [expected, actual] = await Promise.all([run(stock), run(slim)]);
    expect(expected.outcomes.length).toBeGreaterThan(5000);
    expect(expected.outcomes.filter(({ mustSucceed, digest }) => mustSucceed && digest === null)).toEqual([]);
    const other = actual.outcomes.filter(
      (outcome, i) => JSON.stringify(outcome) !== JSON.stringify(expected.outcomes[i]),
    );
    expect(other).toEqual([]);
    expect(actual.outcomes.length).toBe(expected.outcomes.length);
  }, 300_000);

  it('has the operators of the published model, and of those that converters make', async () => {
    const { operators } = readRequirements(await readFile('model/model.onnx'));
    expect(operators).toContain('ai.onnx.ml.TreeEnsembleRegressor');
    expect(OPERATORS).toEqual(expect.arrayContaining(operators));
    expect(findUnsupported(await readFile('model/model.onnx'))).toEqual([]);
    expect(findUnsupported(await readFile('workers/test/fixtures/tiny/model.onnx'))).toEqual([]);
  });

  it('has the operators that are listed, and no others', () => {
    const operators = allCases.flatMap(({ graph }) =>
      graph.nodes.map(({ domain, type }) => (domain === 'ai.onnx' ? type : `${domain}.${type}`)),
    );
    expect(OPERATORS).toEqual([...new Set(operators)].sort());
  });

  it('is the stock one, with a warning, where it cannot be built', async () => {
    const path = join(directory, 'other.wasm');
    await writeFile(path, 'no module');
    const warn = vi.fn();
    const cache = join(directory, 'cache');
    const { kind, wasm } = await withSetting('slim', { stock: path, cache, warn });
    expect([kind, Buffer.from(wasm).toString()]).toEqual(['stock', 'no module']);
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/could not be built.*ONNX_RUNTIME=stock.*not a WebAssembly module/),
    );
    // Nothing is left that the next build would wait for.
    expect(await readdir(cache)).toEqual([]);
  });

  it('cannot be asked for by another name', async () => {
    await expect(withSetting('tiny')).rejects.toThrow('ONNX_RUNTIME is "tiny"');
  });
});

/** A graph of this many nodes, which the slim runtime was not made with. */
function chainOf(length: number, opset = 20): Uint8Array<ArrayBuffer> {
  const nodes = Array.from({ length }, (_, i) => ({
    domain: 'ai.onnx' as const,
    type: 'Relu',
    inputs: [i === 0 ? 'in' : `n${i}`],
    outputs: [i === length - 1 ? 'out' : `n${i + 1}`],
    attributes: {},
  }));
  const matrixOf = (name: string) => ({ name, type: 'float32' as const, dims: [null, 2] });
  const opsets = { 'ai.onnx': opset, 'ai.onnx.ml': 3 };
  return writeModel({
    inputs: [matrixOf('in')],
    outputs: [matrixOf('out')],
    constants: {},
    nodes,
    opsets,
    style: 'described',
  });
}

const input = () => ({ in: new Tensor('float32', Float32Array.of(1, -2), [1, 2]) });

describe('a graph that needs more than the slim runtime has', () => {
  beforeAll(() => useRuntime(slim));
  beforeEach(() => switchTo('slim'));

  it('runs on the full runtime, and so do the sessions that were opened before', async () => {
    const small = await openGraph(chainOf(3));
    expect(runtimeKind()).toBe('slim');
    const large = await openGraph(chainOf(40));
    expect(runtimeKind()).toBe('full');
    for (const session of [large, small]) {
      const { out } = await session.run(input(), ['out']);
      expect(out?.data).toEqual(Float32Array.of(1, 0));
    }
    await small.release();
    await large.release();
  });

  it('runs beside others that are in the middle of a run, and spoils none', async () => {
    const small = await openGraph(chainOf(3));
    const runs = Array.from({ length: 20 }, () => small.run(input(), ['out']));
    const opened = [openGraph(chainOf(40)), openGraph(chainOf(50))];
    const more = Array.from({ length: 20 }, () => small.run(input(), ['out']));
    for (const { out } of await Promise.all([...runs, ...more])) expect(out?.data).toEqual(Float32Array.of(1, 0));
    for (const session of await Promise.all(opened)) {
      expect((await session.run(input(), ['out']))['out']?.data).toEqual(Float32Array.of(1, 0));
      await session.release();
    }
    expect(runtimeKind()).toBe('full');
    await small.release();
  });

  it('of any opset from 9 on is run', async () => {
    for (const opset of [9, 11, 13, 21, 25]) {
      const session = await openGraph(chainOf(20, opset));
      expect((await session.run(input(), ['out']))['out']?.data).toEqual(Float32Array.of(1, 0));
      await session.release();
    }
  });

  it('is refused in the words of ONNX Runtime, where that refuses it', async () => {
    const session = await openGraph(chainOf(3));
    const doubles = { in: new Tensor('float64', Float64Array.of(1, 2), [1, 2]) };
    await expect(session.run(doubles, ['out'])).rejects.toThrow(
      'Unexpected input data type. Actual: (tensor(double)) , expected: (tensor(float))',
    );
    await session.release();
    await expect(openGraph(chainOf(3, 99))).rejects.toThrow(/Opset 99 is under development/);
  });

  it.each([
    ['Conv', () => modelOf('Conv', 'float32'), 'Node with schema(::Conv:11) has input size 1 not in range'],
    [
      'an operator on strings',
      () => modelOf('StringNormalizer', 'string'),
      'Input shape must have either [C] or [1,C]',
    ],
    ['an old opset', () => modelOf('Relu', 'float32', 9), 'the graph lacks what its contract states'],
    ['many nodes', () => chainOf(40), 'the graph lacks what its contract states'],
  ])('is verified on the full one: %s', async (_title, graph, said) => {
    vi.stubEnv('ONNX_RUNTIME', 'slim');
    const model = await readModelFolder('model');
    const version = verifyVersion({ ...model, files: { ...model.files, 'model.onnx': Buffer.from(graph()) } });
    await expect(version).rejects.toThrow(said);
    await expect(version).rejects.not.toThrow(/slim|onnx\/runtime|unreachable/);
    expect(runtimeKind()).toBe('full');
    // The next one begins with the slim runtime again, and needs no mark.
    expect((await verifyVersion(model)).runtime).toBeUndefined();
    expect(runtimeKind()).toBe('slim');
  });
});

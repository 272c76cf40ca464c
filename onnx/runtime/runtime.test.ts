import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { verifyVersion } from '../../scripts/lib/model/verify-version.ts';
import { provideRuntime, type Runtime } from '../../scripts/lib/onnx-runtime.ts';
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

describe('a graph that needs more than the slim runtime has', () => {
  it.each([
    ['Conv', () => modelOf('Conv', 'float32'), 'Conv'],
    ['an operator on strings', () => modelOf('StringNormalizer', 'string'), 'StringNormalizer'],
    ['an old opset', () => modelOf('Relu', 'float32', 9), 'opset 9 of ai.onnx (it has 13 to 25)'],
  ])('is refused where it is verified: %s', async (_title, graph, said) => {
    vi.stubEnv('ONNX_RUNTIME', 'slim');
    const model = await readModelFolder('model');
    const version = verifyVersion({ ...model, files: { ...model.files, 'model.onnx': Buffer.from(graph()) } });
    await expect(version).rejects.toThrow(`uses what the slim ONNX runtime lacks: ${said}.`);
    await expect(version).rejects.toThrow('ONNX_RUNTIME=stock');
  });

  it('is not looked for where the stock one is wanted', async () => {
    vi.stubEnv('ONNX_RUNTIME', 'stock');
    const model = await readModelFolder('model');
    const version = verifyVersion({
      ...model,
      files: { ...model.files, 'model.onnx': Buffer.from(modelOf('Conv', 'float32')) },
    });
    await expect(version).rejects.not.toThrow('slim');
  });
});

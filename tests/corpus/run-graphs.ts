import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-web/wasm';
import { openGraph } from '../../onnx/session.ts';
import { runtimeKind, switchTo } from '../../onnx/switchable-runtime.ts';
import { provideRuntime, useRuntime } from '../../scripts/lib/onnx-runtime.ts';
import { Corpus, type Runs, type Values } from './graphs.ts';

// A process of its own: ONNX_RUNTIME says which runtime it has, and one process has one.
const [folder = '', result = ''] = process.argv.slice(2);
const corpus = Corpus.parse(JSON.parse(await readFile(join(folder, 'corpus.json'), 'utf8')));
useRuntime(await provideRuntime());
const runs: Runs = [];
for (const { name, inputs, outputs } of corpus) {
  const graph = await readFile(join(folder, `${name}.onnx`));
  await switchTo('slim');
  const begun = performance.now();
  const session = await openGraph(graph);
  const sessionMs = performance.now() - begun;
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, toTensor(input)]));
  const fetches = outputs.map((output) => output.name);
  const results = await session.run(feeds, fetches);
  const answered = fetches.map((output) => fromTensor(output, results[output]));
  runs.push({ name, kind: runtimeKind(), sessionMs, outputs: answered });
  await session.release();
}
await writeFile(result, JSON.stringify(runs));

function toTensor({ type, dims, data }: Values): Tensor {
  const numbers = () => data.map((value) => (value === null ? Number.NaN : Number(value)));
  switch (type) {
    case 'float32':
      return new Tensor('float32', Float32Array.from(numbers()), dims);
    case 'int64':
      return new Tensor('int64', BigInt64Array.from(numbers(), BigInt), dims);
    case 'string':
      return new Tensor('string', data.map(String), dims);
    default:
      throw new Error(`no model of the corpus takes ${type}`);
  }
}

function fromTensor(name: string, tensor: Tensor | undefined): Values {
  if (!tensor) throw new Error(`there is no output "${name}"`);
  const data = Array.from<unknown>(tensor.data).map((value) => {
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'number') return Number.isNaN(value) ? null : value;
    return String(value);
  });
  const [known] = ['float32', 'float64', 'int64', 'int32', 'string'].filter((type) => type === tensor.type);
  if (!known) throw new Error(`"${name}" is of type ${tensor.type}`);
  return Corpus.element.shape.outputs.element.parse({ name, type: known, dims: tensor.dims, data });
}

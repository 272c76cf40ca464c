import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { hasPython, preparePython } from '../../scripts/lib/python-environment.ts';
import { Corpus, Runs, type Values } from './graphs.ts';

const HELP = `Fits models of many kinds with scikit-learn, LightGBM and CatBoost, and exports them with skl2onnx, onnxmltools and CatBoost. Each
runs on the slim runtime, which the full one replaces where it must, on ONNX Runtime as it is published, and in Python's
onnxruntime. The first two must answer the same bits, and the third the same within 1e-6.

  npm run test:corpus [-- options]

Options:
  --all             the largest models too: a forest of 700 trees, LightGBM with 1,000 trees of 200 leaves
  --where-possible  skip it, with a note, where Python 3.11 with venv is missing
  --json            print the table as JSON

The command makes the environment tests/corpus/.venv on the first run, and again when requirements.txt changes.`;

const options = {
  all: { type: 'boolean', default: false },
  'where-possible': { type: 'boolean', default: false },
} as const;

const FOLDER = 'tests/corpus';
const TOLERANCE = 1e-6;
const run = promisify(execFile);

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    if (values['where-possible'] && !(await hasPython())) {
      console.error('Skipped: npm run test:corpus needs Python 3.11 or newer, with venv, as python3.');
      return;
    }
    await step('preparing the Python environment', () => preparePython(FOLDER));
    await using running = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
    running.defer(() => rm(folder, { recursive: true }));
    const python = resolve(FOLDER, '.venv/bin/python');
    await step('fitting and exporting', () =>
      run(python, [join(FOLDER, 'corpus.py'), folder, ...(values.all ? ['--all'] : [])]),
    );
    const corpus = Corpus.parse(JSON.parse(await readFile(join(folder, 'corpus.json'), 'utf8')));
    const slim = await step('running them on the slim runtime', () => runAll(folder, 'slim'));
    const stock = await step('running them on the stock runtime', () => runAll(folder, 'stock'));
    const table = corpus.map(({ name, nodes, opset, outputs }, i) => {
      const [ours, theirs] = [slim[i], stock[i]];
      if (!ours || !theirs) throw new Error(`${name} was not run`);
      return {
        name,
        nodes,
        opset,
        runtime: ours.kind,
        isSame: JSON.stringify(ours.outputs) === JSON.stringify(theirs.outputs),
        difference: Math.max(...outputs.map((output, at) => difference(output, ours.outputs[at]))),
        sessionMs: Math.round(ours.sessionMs),
        stockSessionMs: Math.round(theirs.sessionMs),
      };
    });
    const wrong = table.filter(({ isSame, difference }) => !isSame || !(difference <= TOLERANCE));
    const lines = table.map(
      (it) =>
        `${it.name.padEnd(28)} ${it.nodes} nodes, opset ${it.opset}, ${it.runtime}, ${it.isSame ? 'same bits' : 'OTHER BITS'}, difference ${it.difference.toExponential(1)}, session ${it.sessionMs} ms (stock ${it.stockSessionMs} ms)`,
    );
    if (wrong.length > 0)
      throw new UserError(`${wrong.map(({ name }) => name).join(', ')} are answered otherwise:\n${lines.join('\n')}`);
    return { text: lines.join('\n'), data: { table } };
  },
);

async function runAll(folder: string, kind: 'slim' | 'stock'): Promise<Runs> {
  const result = join(folder, `${kind}.json`);
  await run(process.execPath, [join(FOLDER, 'run-graphs.ts'), folder, result], {
    env: { ...process.env, ONNX_RUNTIME: kind },
  });
  return Runs.parse(JSON.parse(await readFile(result, 'utf8')));
}

/** The largest difference of a value, relative to values above 1. Infinite where shapes, labels or missing values differ. */
function difference(expected: Values, actual: Values | undefined): number {
  if (!actual || String(actual.dims) !== String(expected.dims)) return Number.POSITIVE_INFINITY;
  return Math.max(
    0,
    ...expected.data.map((value, i) => {
      const other = actual.data[i];
      if (typeof value === 'number' && typeof other === 'number')
        return Math.abs(value - other) / Math.max(1, Math.abs(value));
      return value === other ? 0 : Number.POSITIVE_INFINITY;
    }),
  );
}

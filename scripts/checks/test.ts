import { type ChildProcess, spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { buildRuntime } from '../lib/onnx-runtime.ts';

const HELP = `Runs every test. The Worker's tests, inside workerd, run beside all others; their output comes last.

  npm test              every test
  npm test -- PATH …    the tests of files whose paths hold one of these

Options:
  --json     print the result as JSON
  --help     this text`;

await runCommand(
  HELP,
  () => {
    const { values, positionals } = parseArgs({ options: commonOptions, allowPositionals: true });
    return { ...values, paths: positionals };
  },
  async ({ paths }) => {
    // It takes minutes where it was never built. Tests would wait for it, and give up.
    await step('building the ONNX runtime', buildRuntime);
    // The Worker's tests share one process of workerd, and would leave a processor idle.
    const runs =
      paths.length > 0 ? [start(paths)] : [start(['--project', 'common', '--project', 'scripts']), startQuiet()];
    const results = await Promise.all(runs);
    if (results.includes(false)) throw new UserError('Some tests failed, as it says above.');
    return { text: 'Every test passed.', data: { passed: true } };
  },
);

/** Runs tests, and shows their output as it comes. Resolves to whether all passed. */
function start(selection: readonly string[]): Promise<boolean> {
  return passed(spawn('vitest', ['run', ...selection], { stdio: ['ignore', 2, 2] }));
}

/** Runs the Worker's tests, and shows their output once they are done: it would be mixed with that of the others. */
async function startQuiet(): Promise<boolean> {
  const child = spawn('vitest', ['run', '--project', 'workers'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  const isPassed = await passed(child);
  process.stderr.write(Buffer.concat(output));
  return isPassed;
}

function passed(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

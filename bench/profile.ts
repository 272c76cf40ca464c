import { readFile, writeFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../scripts/lib/cli.ts';
import { readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { selfTimes } from './lib/cpu-profile.ts';
import { profile } from './lib/inspector.ts';
import { closedLoop } from './lib/load.ts';
import { startPlatform } from './lib/platform.ts';
import { csvOf, httpPost, requestsOf, WORKER } from './lib/requests.ts';
import { buildEnvironment } from './lib/worker-build.ts';
import { startWorkerd } from './lib/workerd.ts';
import { configureWorker } from './lib/workerd-config.ts';

const HELP = `Shows where the Worker spends its time under load: the functions that take the most of it themselves.

  npm run bench:profile [-- options]

Options:
  --rows N     rows of a request (default 1)
  --csv        send them as CSV
  --seconds N  how long (default 5)
  --top N      the number of functions to show (default 25)
  --out FILE   keep the profile, which Chrome's and VS Code's developer tools open (name it *.cpuprofile)
  --json       print the table as JSON

The Worker is the environment "model", which records nothing, in workerd with its inspector; one connection.`;

const options = {
  rows: { type: 'string', default: '1' },
  csv: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '5' },
  top: { type: 'string', default: '25' },
  out: { type: 'string' },
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ rows: rowsText, csv, seconds, top, out }) => {
    const rows = parseCount(rowsText, '--rows');
    const durationMs = parseCount(seconds, '--seconds') * 1000;
    const shown = parseCount(top, '--top');
    const { contract } = await readModelFolder('model');
    await using running = new AsyncDisposableStack();
    const build = await step('building the Worker', () => buildEnvironment('model'));
    const { storagePort } = await startPlatform(running);
    const limits = { BATCH_MAX_ROWS: 100_000, BATCH_MAX_BYTES: 64 * 1024 * 1024 };
    const config = await configureWorker(build, 'model', { storagePort }, limits);
    const workerd = await startWorkerd(config, { inspect: true });
    running.defer(() => workerd.stop());
    const { port, inspectorPort } = workerd;
    if (inspectorPort === null) throw new Error('workerd has no inspector');

    const requests = csv
      ? [httpPost('/v1/predict/batch', { 'content-type': 'text/csv' }, csvOf(contract, rows))]
      : requestsOf(WORKER, contract, rows);
    const load = { port, requests, connections: 1 };
    await step('warming up', () => closedLoop({ ...load, durationMs: durationMs / 2 }));
    const taken = await step('profiling', () => profile(inspectorPort, () => closedLoop({ ...load, durationMs })));
    if (out !== undefined) await writeFile(out, JSON.stringify(taken));
    const entry = build.modules[0]?.path ?? '';
    const map = new SourceMap(JSON.parse(await readFile(join(`${entry}.map`), 'utf8')));
    const functions = selfTimes(taken, map).slice(0, shown);
    return { text: tableOf(functions), data: { rows, csv, functions } };
  },
);
// What is left of the inspector's connection must not hold the process.
process.exit();

function tableOf(functions: ReturnType<typeof selfTimes>): string {
  const lines = functions.map(
    ({ name, place, selfMs, share }) =>
      `${(share * 100).toFixed(1).padStart(5)} %  ${selfMs.toFixed(0).padStart(6)} ms  ${name.padEnd(36)} ${place}`,
  );
  return [' self       self  function                             where', ...lines].join('\n');
}

function parseCount(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UserError(`${option} must be a whole number above 0, not "${text}".`, 2);
  return value;
}

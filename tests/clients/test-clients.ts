import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../../scripts/lib/cli.ts';
import { preparePython, runPytest } from '../../scripts/lib/python-environment.ts';
import { freePort, startStack } from '../kit/local-stack.ts';

const HELP = `Runs Python clients of the Open Inference Protocol, as their users install them, against this Worker: tritonclient and the
KServe SDK. Beside it runs MLflow's scoring server, to compare how both answer.

  npm run test:clients

Needs Python 3.11 or newer as python3. The environment is tests/clients/.venv; it is made on the first run and again when
requirements.txt changes. The whole system is started on a free port for the tests, and stopped after them.`;

const FOLDER = 'tests/clients';
/** The tests take a few seconds: a client that waits for ever must not. */
const TIMEOUT_MS = 100_000;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    await step('preparing the Python environment', () => preparePython(FOLDER));

    const interrupted = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
    await using running = new AsyncDisposableStack();
    const data = await mkdtemp(join(tmpdir(), 'clients-'));
    running.defer(() => rm(data, { recursive: true }));
    const stack = startStack('--port', String(await freePort()), '--data', data);
    running.defer(async () => {
      await stack.stop();
    });
    await step('starting the system', () => stack.ready());
    await runPytest(FOLDER, {
      env: { ...process.env, FUTURISYS_URL: stack.url, FUTURISYS_API_KEY: await stack.key() },
      timeout: TIMEOUT_MS,
      signal: interrupted.signal,
    });
  },
);

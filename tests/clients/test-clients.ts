import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { hasPython, preparePython, runPytest } from '../../scripts/lib/python-environment.ts';
import { freePort, startStack } from '../kit/local-stack.ts';
import { runScript } from '../kit/run-script.ts';
import { startLocalHub } from '../stand-ins/hub/local-hub.ts';

const HELP = `Runs Python clients of the Open Inference Protocol, as their users install them, against this Worker: tritonclient and the
KServe SDK. MLflow's scoring server runs beside it, and the tests compare both answers. huggingface_hub reads what
npm run publish-model publishes on a local Hub.

  npm run test:clients [-- options]

Options:
  --where-possible  skip the tests, with a note, where Python 3.11 with venv is missing

Needs Python 3.11 or newer as python3, with venv. The command makes the environment tests/clients/.venv on the first run, and
again when requirements.txt changes. It starts the whole system on a free port, and stops it after the tests.`;

const options = { 'where-possible': { type: 'boolean', default: false } } as const;

const FOLDER = 'tests/clients';
/** The tests take a few seconds: a client that waits for ever must not. */
const TIMEOUT_MS = 100_000;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    if (values['where-possible'] && !(await hasPython())) {
      console.error('Skipped: npm run test:clients needs Python 3.11 or newer, with venv, as python3.');
      return;
    }
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
    const token = `hf_${'w'.repeat(8)}`;
    const hub = await startLocalHub({ tokens: { [token]: { role: 'write', user: 'acme' } } });
    running.defer(() => hub.close());
    const repo = 'acme/attrition';
    await step('publishing the model on a local Hub', async () => {
      const { code, stderr } = await runScript('publish-model', ['--repo', repo, '--hub-url', hub.url], {
        HF_TOKEN: token,
      });
      if (code !== 0) throw new UserError(`publish-model failed:\n${stderr}`);
    });
    const hubSettings = { HUB_URL: hub.url, HUB_TOKEN: token, HUB_REPO: repo, HF_HOME: join(data, 'huggingface') };
    await runPytest(FOLDER, {
      env: { ...process.env, FUTURISYS_URL: stack.url, FUTURISYS_API_KEY: await stack.key(), ...hubSettings },
      timeout: TIMEOUT_MS,
      signal: interrupted.signal,
    });
  },
);

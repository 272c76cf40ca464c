import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { sha256 } from '../../scripts/lib/model/model-folder.ts';
import { preparePython, runPytest } from '../../scripts/lib/python-environment.ts';
import { freePort, startStack } from '../kit/local-stack.ts';

const HELP = `Generates typed clients from /openapi.json, compiles them, and lets them call this Worker: openapi-typescript, hey-api, orval
(fetch and zod), openapi-python-client and datamodel-code-generator.

  npm run test:generated

Needs Python 3.11 or newer as python3, with venv. On the first run, and when tests/generated/package-lock.json or requirements.txt
changes, the command installs the generators in tests/generated. It starts the whole system on a free port, and stops it after the
tests. The clients stay in dist/generated.`;

const FOLDER = resolve('tests/generated');
const OUTPUT = resolve('dist/generated');
const TIMEOUT_MS = 120_000;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    await step('preparing the generators', prepareNode);
    await step('preparing the Python environment', () => preparePython(FOLDER));

    const interrupted = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
    await using running = new AsyncDisposableStack();
    const data = await mkdtemp(join(tmpdir(), 'generated-'));
    running.defer(() => rm(data, { recursive: true }));
    const stack = startStack('--port', String(await freePort()), '--data', data);
    running.defer(async () => {
      await stack.stop();
    });
    await step('starting the system', () => stack.ready());
    const env = { ...process.env, FUTURISYS_URL: stack.url, FUTURISYS_API_KEY: await stack.key() };
    const { signal } = interrupted;
    const run = (command: string, parameters: readonly string[]) => runTool(command, parameters, { env, signal });

    await rm(OUTPUT, { recursive: true, force: true });
    await mkdir(OUTPUT, { recursive: true });
    const document = join(OUTPUT, 'openapi.json');
    await writeFile(document, await (await fetch(`${stack.url}/openapi.json`)).text());
    const node = (bin: string, ...parameters: string[]) => run(join('node_modules/.bin', bin), parameters);
    const python = (bin: string, ...parameters: string[]) => run(join('.venv/bin', bin), parameters);
    await step('openapi-typescript', () =>
      node('openapi-typescript', document, '-o', join(OUTPUT, 'openapi-typescript/api.ts')),
    );
    await step('hey-api', () => node('openapi-ts', '-i', document, '-o', join(OUTPUT, 'hey-api')));
    await step('orval', () => node('orval', '--config', 'orval.config.ts'));
    await step('openapi-python-client', () =>
      python(
        'openapi-python-client',
        ...['generate', '--path', document, '--meta', 'none', '--overwrite', '--output-path', join(OUTPUT, 'client')],
      ),
    );
    await step('datamodel-code-generator', () =>
      python(
        'datamodel-codegen',
        ...['--input', document, '--input-file-type', 'openapi', '--output', join(OUTPUT, 'models.py')],
        ...['--output-model-type', 'pydantic_v2.BaseModel', '--target-python-version', '3.11', '--use-annotated'],
        // Else the default of an enumeration is a text, which mypy refuses.
        '--set-default-enum-member',
      ),
    );
    await step('compiling the TypeScript', () => node('tsc', '-p', 'tsconfig.json'));
    await step('compiling the Python', () => python('mypy', '--config-file', 'mypy.ini', 'test_python.py'));
    await step('calling from TypeScript', () =>
      runTool(resolve('node_modules/.bin/vitest'), ['run', '--config', 'tests/generated/vitest.config.ts'], {
        env,
        signal,
        cwd: '.',
      }),
    );
    await runPytest(FOLDER, { env, timeout: TIMEOUT_MS, signal });
    return { text: 'Every generated client compiles, and its calls were answered.', data: { passed: true } };
  },
);

/** Installs the generators as their lockfile has them, on the first run and when the file changes. */
async function prepareNode(): Promise<void> {
  const stamp = join(FOLDER, 'node_modules/.lock.sha256');
  const wanted = sha256(await readFile(join(FOLDER, 'package-lock.json')));
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  await runTool('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  await writeFile(stamp, wanted);
}

/** Runs a tool in its folder; where it fails, throws with everything that it said. */
function runTool(
  command: string,
  parameters: readonly string[],
  { env = process.env, signal, cwd = FOLDER }: { env?: NodeJS.ProcessEnv; signal?: AbortSignal; cwd?: string } = {},
): Promise<void> {
  // openapi-python-client calls ruff by its name.
  const path = `${join(FOLDER, '.venv/bin')}${delimiter}${env['PATH'] ?? ''}`;
  const options = {
    cwd,
    env: { ...env, PATH: path },
    timeout: TIMEOUT_MS,
    maxBuffer: 64 * 2 ** 20,
    ...(signal && { signal }),
  };
  return new Promise((done, reject) => {
    execFile(command, parameters, options, (error, stdout, stderr) => {
      if (!error) return done();
      reject(new UserError(`${[command, ...parameters].join(' ')} failed:\n${stdout}${stderr || error.message}`));
    });
  });
}

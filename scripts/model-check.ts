import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from './lib/cli.ts';
import { sha256 } from './lib/model-folder.ts';

const HELP = `Runs the tests of the training code and of the committed model, in a Python environment of its own.

  npm run model:check

Needs Python 3.11 or newer as python3. The environment is model/train/.venv; it is made on the first run and again when
requirements.txt changes. Set FUTURISYS_DATA to the folder of the three extracts to run the tests that read them too.`;

const FOLDER = 'model/train';
const VENV = join(FOLDER, '.venv');

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    await step('preparing the Python environment', preparePython);
    run(join('.venv', 'bin', 'python'), ['-m', 'pytest'], FOLDER);
  },
);

async function preparePython(): Promise<void> {
  const requirements = join(FOLDER, 'requirements.txt');
  const stamp = join(VENV, 'requirements.sha256');
  const wanted = sha256(await readFile(requirements));
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  run('python3', ['-m', 'venv', '--clear', VENV]);
  run(join(VENV, 'bin', 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ]);
  await writeFile(stamp, wanted);
}

function run(command: string, options: string[], cwd?: string): void {
  const { status, error } = spawnSync(command, options, { stdio: 'inherit', ...(cwd && { cwd }) });
  if (error)
    throw new UserError(`${command} cannot be run: ${error.message}. Python 3.11 or newer is needed as python3.`);
  if (status !== 0) throw new UserError(`${command} ${options.join(' ')} failed with exit code ${status}.`);
}

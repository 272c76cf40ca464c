import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from './cli.ts';
import { sha256 } from './model/model-folder.ts';

/** Whether python3 is Python 3.11 or newer, with venv. */
export async function hasPython(): Promise<boolean> {
  const probe = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
  const child = spawn('python3', ['-c', probe], { stdio: 'ignore' });
  const [code] = await once(child, 'exit').catch(() => [null]);
  return code === 0;
}

type Options = Pick<SpawnOptions, 'cwd' | 'env' | 'timeout' | 'signal'>;

/**
 * Makes the Python environment `.venv` of a folder from its requirements.txt, on the first run and when the file changes.
 * pip refuses a package whose digest the file does not have (https://pip.pypa.io/en/stable/topics/secure-installs/).
 */
export async function preparePython(folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.txt');
  const stamp = join(folder, '.venv', 'requirements.sha256');
  const wanted = sha256(await readFile(requirements));
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return;
  await run('python3', ['-m', 'venv', '--clear', join(folder, '.venv')]);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
  await run(join(folder, '.venv', 'bin', 'python'), [...install, '-r', requirements]);
  await writeFile(stamp, wanted);
}

/** Runs pytest in a folder whose environment is prepared. */
export function runPytest(folder: string, options: Omit<Options, 'cwd'> = {}): Promise<void> {
  return run(join('.venv', 'bin', 'python'), ['-m', 'pytest'], { ...options, cwd: folder });
}

/** Runs a command and shows its output on stderr, because stdout is for the result. Throws a UserError where it fails. */
async function run(command: string, parameters: string[], options: Options = {}): Promise<void> {
  const child = spawn(command, parameters, { stdio: ['inherit', process.stderr, 'inherit'], ...options });
  const [code, signal] = await once(child, 'exit').catch((error) => {
    if (options.signal?.aborted) throw new UserError('Interrupted.');
    throw new UserError(`${command} cannot be run: ${error.message}. Python 3.11 or newer is needed as python3.`);
  });
  if (code === 0) return;
  const end = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
  throw new UserError(`${command} ${parameters.join(' ')} ${end}.`);
}

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from './cli.ts';

/**
 * Locks a directory for this process: two processes must not open the embedded Postgres. Takes over the lock of a process that
 * has ended. Resolves to the function that unlocks the directory; rejects, with the advice, where another process has it.
 */
export async function lockDirectory(directory: string, advice = 'Stop it first.'): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  const owner = await readFile(path, 'utf8').then(Number, () => null);
  // The same number again is a process of an earlier container.
  if (owner !== null && owner !== process.pid && isRunning(owner)) {
    throw new UserError(`${directory} is in use by process ${owner}. ${advice}`);
  }
  await rm(path, { force: true });
  await writeFile(path, String(process.pid), { flag: 'wx' });
  return () => rm(path, { force: true });
}

/** Whether a process has this number, whoever owns it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export type Finished = { code: number | null; stdout: string; stderr: string };
export type Running = { child: ChildProcess; finished: Promise<Finished> };

/** Starts a script of this folder's parent as npm would, with these environment variables added. */
export function startScript(name: string, options: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [`scripts/${name}.ts`, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  return { child, finished: collect(child) };
}

/** Resolves to what a process printed, and its exit code, once it has ended. */
export function collect(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function runScript(
  name: string,
  options: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  return startScript(name, options, env).finished;
}

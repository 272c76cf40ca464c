import { type ChildProcess, spawn } from 'node:child_process';

export type Finished = { code: number | null; stdout: string; stderr: string };
export type Running = { child: ChildProcess; finished: Promise<Finished> };

/** Starts a script of this folder's parent as npm would, with these environment variables added. */
export function startScript(name: string, options: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [`scripts/${name}.ts`, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

export function runScript(
  name: string,
  options: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  return startScript(name, options, env).finished;
}

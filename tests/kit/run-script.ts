import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import * as z from 'zod';

export type Finished = { code: number | null; stdout: string; stderr: string };
export type Running = { child: ChildProcess; finished: Promise<Finished> };

const Package = z.object({ scripts: z.record(z.string(), z.string()) });

/** The file of a command, by its name without `.ts`: one that a script of package.json runs. */
export function fileOfCommand(name: string): string {
  const { scripts } = Package.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  const files = Object.values(scripts).flatMap((script) => /^node (\S+\.ts)/.exec(script)?.[1] ?? []);
  const file = files.find((it) => it.endsWith(`/${name}.ts`));
  if (file === undefined) throw new Error(`no script of package.json runs ${name}.ts`);
  return resolve(file);
}

/** Starts a command as npm would, with these environment variables added. */
export function startScript(name: string, options: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [fileOfCommand(name), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  return { child, finished: collect(child) };
}

/** Resolves to the output and the exit code of a process once it has ended. */
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

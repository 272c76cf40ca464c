import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { vi } from 'vitest';
import { type Finished, fileOfCommand } from './run-script.ts';

/**
 * Runs a command in this process, with arguments, environment and output of its own. It loads the modules of this project
 * anew; packages stay loaded, which saves the seconds that some take. One command at a time: they share the process.
 */
export async function callScript(
  name: string,
  options: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const file = fileOfCommand(name);
  const before = { argv: process.argv, env: process.env, exitCode: process.exitCode, console };
  const written = { stdout: '', stderr: '' };
  const writeTo = (stream: 'stdout' | 'stderr') => (chunk: string | Uint8Array) => {
    written[stream] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(writeTo('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(writeTo('stderr')),
  ];
  process.argv = [process.execPath, file, ...options];
  process.env = { ...process.env, ...env };
  process.exitCode = undefined;
  globalThis.console = new Console({ stdout: sink(writeTo('stdout')), stderr: sink(writeTo('stderr')) });
  try {
    vi.resetModules();
    await import(file);
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
    ({ argv: process.argv, env: process.env, exitCode: process.exitCode, console: globalThis.console } = before);
  }
}

function sink(write: (chunk: Uint8Array) => unknown): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      write(chunk);
      done();
    },
  });
}

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnLoopback, stopServer } from '../lib/loopback.ts';

export const START_TIMEOUT_MS = 120_000;

/** `npm start`'s script, running. */
export type Stack = {
  output(): string;
  /** The exit code, once it has ended. */
  exited: Promise<number | null>;
  /** Resolves once it says that it is ready; rejects with its output if it ends or takes too long. */
  ready(): Promise<void>;
  /** Interrupts it like Ctrl-C in a terminal, which reaches every process of the group, and which npm forwards again. */
  stop(): Promise<number | null>;
};

export function startStack(...options: string[]): Stack {
  const child = spawn(process.execPath, ['scripts/dev.ts', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    output: () => output,
    exited,
    async ready() {
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (!output.includes('Try it')) {
        if (child.exitCode !== null || Date.now() > deadline) throw new Error(`npm start is not ready:\n${output}`);
        await sleep(100);
      }
    },
    async stop() {
      if (child.pid === undefined || child.exitCode !== null) return child.exitCode;
      process.kill(-child.pid, 'SIGINT');
      child.kill('SIGINT');
      return exited;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await stopServer(server);
  return port;
}

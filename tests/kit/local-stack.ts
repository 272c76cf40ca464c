import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';

export const START_TIMEOUT_MS = 120_000;

/** The options that say where the system is, with their defaults. */
const OPTIONS = { port: { type: 'string', default: '8787' }, data: { type: 'string', default: '.local' } } as const;

/** `npm start`'s script, running, with an embedded database. */
export type Stack = {
  url: string;
  /** Its process; undefined where it could not be started. */
  pid: number | undefined;
  /** The API key that it made; there is one once it is ready. */
  key(): Promise<string>;
  /** Sends a request to it, under that key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Runs what the cron runs. */
  runCron(): Promise<void>;
  output(): string;
  /** The exit code, once it has ended. */
  exited: Promise<number | null>;
  /** Resolves once it says that it is ready; rejects with its output if it ends or takes too long. */
  ready(): Promise<void>;
  /** Interrupts it like Ctrl-C in a terminal, which reaches every process of the group, and which npm forwards again. */
  stop(): Promise<number | null>;
};

export function startStack(...options: string[]): Stack {
  const child = spawn(process.execPath, ['scripts/local/dev.ts', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    // Its own embedded database: what tests record is made up, and the shell or .dev.vars may name one that others use.
    env: { ...process.env, DATABASE_URL: '' },
  });
  const { port, data } = parseArgs({ args: options, options: OPTIONS, strict: false }).values;
  const url = `http://127.0.0.1:${port}`;
  let known: Promise<string> | undefined;
  const key = () => {
    known ??= readFile(join(String(data), 'api-key'), 'utf8').then((text) => text.trim());
    return known;
  };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    url,
    pid: child.pid,
    key,
    async fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${await key()}`);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    async runCron() {
      await fetch(`${url}/cdn-cgi/handler/scheduled`);
    },
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

/** Ports below the ephemeral ones: Linux assigns those from 32768, other systems from 49152 (RFC 6335). */
const PORTS = { first: 20_000, count: 10_000 };

/**
 * A free port outside the range that the system assigns. The system might give a port of its range to another connection or
 * server before the caller listens there.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    try {
      const port = await listenOnLoopback(server, PORTS.first + Math.floor(Math.random() * PORTS.count));
      await stopServer(server);
      return port;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { own, stop } from './processes.ts';

/** `listeningMs`: from the start of the process until it takes connections. */
export type Server = { port: number; pid: number; listeningMs: number; stop(): Promise<void> };
/** `ports` by the sockets' names; `inspectorPort` is null where it was not asked for. */
export type Workerd = Server & { ports: ReadonlyMap<string, number>; inspectorPort: number | null };

const Event = z.object({ event: z.string(), socket: z.string().optional(), port: z.number().optional() });

/** The binary itself, as wrangler uses it: what stands in node_modules/.bin is a Node script, which would be measured too. */
const WORKERD = createRequire(createRequire(import.meta.url).resolve('wrangler'))
  .resolve('workerd')
  .replace(/lib\/main\.js$/, 'bin/workerd');

/** Starts `workerd serve` on free ports of 127.0.0.1, and times it. Its output goes to nobody; the last of its errors are kept. */
export async function startWorkerd(config: string, { sockets = 1, inspect = false } = {}): Promise<Workerd> {
  const parameters = ['serve', config, '--experimental', '--control-fd=3'];
  if (inspect) parameters.push('--inspector-addr=127.0.0.1:0');
  const startedAt = performance.now();
  const child = own(spawn(WORKERD, parameters, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] }));
  try {
    const ports = await portsOf(child, sockets + Number(inspect));
    const listeningMs = performance.now() - startedAt;
    const port = ports.get('http');
    if (child.pid === undefined || port === undefined) throw new Error('workerd has not started');
    return {
      port,
      ports,
      inspectorPort: ports.get('inspector') ?? null,
      pid: child.pid,
      listeningMs,
      stop: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function portsOf(child: ChildProcess, count: number): Promise<Map<string, number>> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const control = child.stdio[3];
  if (!control || !('read' in control)) throw new Error('workerd has no control stream');
  const ports = new Map<string, number>();
  for await (const line of createInterface({ input: control })) {
    const { event, socket = 'inspector', port } = Event.parse(JSON.parse(line));
    if (event.startsWith('listen') && port !== undefined) ports.set(socket, port);
    if (ports.size === count) return ports;
  }
  throw new Error(`workerd ended before it listened: ${said}`);
}

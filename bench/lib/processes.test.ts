import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { cpuMs, listening, own, residentBytes, stop } from './processes.ts';

it('processor time and memory are those of the process', async () => {
  const child = own(
    spawn(process.execPath, [
      '-e',
      // By its own processor time, which the clock of a busy machine does not tell.
      'while (process.cpuUsage().user < 400_000); setInterval(() => 0, 1000)',
    ]),
  );
  const pid = child.pid ?? 0;
  await expect.poll(() => cpuMs(pid), { timeout: 30_000 }).toBeGreaterThan(300);
  expect(residentBytes(pid)).toBeGreaterThan(10e6);
  await stop(child);
  expect(child.signalCode).toBe('SIGTERM');
  // Stopped already: nothing to wait for.
  await stop(child);
});

it('a server is waited for, and one that ends is not', async () => {
  const server = createServer();
  const port = await listenOnLoopback(server);
  const child = own(spawn(process.execPath, ['-e', 'process.exit(3)']));
  await listening(child, port);
  await stopServer(server);
  await expect(listening(child, port)).rejects.toThrow('exit code 3');
});

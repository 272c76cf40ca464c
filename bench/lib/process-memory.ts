import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../scripts/lib/cli.ts';
import { formatBytes } from '../../scripts/lib/text.ts';

const SAMPLE_MS = 50;

/** In bytes. `held` is what was in use after garbage collections, when most was done: the least in the last quarter. */
export type MemoryReport = { peak: number; held: number };

/**
 * Watches the resident memory, in bytes, of the largest process with a name below the `npm start` that locks a data directory.
 * Reads /proc, so it works on Linux only.
 */
export async function peakMemory(directory: string, name: string): Promise<{ stop(): Promise<MemoryReport> }> {
  const owner = Number(await readFile(join(directory, 'lock'), 'utf8').catch(() => Number.NaN));
  if (!Number.isInteger(owner)) throw new UserError(`Nothing runs in ${directory}: start it with npm start.`);
  const pids = await descendants(owner, name);
  const measured = await Promise.all(pids.map(async (pid) => ({ pid, bytes: await residentBytes(pid) })));
  const largest = measured.toSorted((a, b) => b.bytes - a.bytes)[0];
  if (!largest) throw new UserError(`No process named ${name} runs below process ${owner}.`);
  const samples: number[] = [];
  const sample = async () => {
    samples.push(await residentBytes(largest.pid));
  };
  const timer = setInterval(() => void sample().catch(() => undefined), SAMPLE_MS);
  return {
    async stop() {
      clearInterval(timer);
      await sample();
      return summarise(samples);
    },
  };
}

export function summarise(samples: readonly number[]): MemoryReport {
  const last = samples.slice(Math.floor(samples.length * 0.75));
  return { peak: Math.max(...samples), held: Math.min(...last) };
}

/** Throws a UserError where more than `maxBytes` more were held than before. */
export function checkHeld(before: MemoryReport, report: MemoryReport, maxBytes: number): void {
  if (report.held - before.held <= maxBytes) return;
  const [from, to, most] = [before.held, report.held, maxBytes].map((bytes) => formatBytes(bytes));
  throw new UserError(`The Worker's process held ${from} before and ${to} at the end: more than ${most} were added.`);
}

async function descendants(root: number, name: string): Promise<number[]> {
  const processes = await Promise.all(
    (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map((pid) => readProcess(Number(pid))),
  );
  const found = new Set([root]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const process of processes) if (process && found.has(process.parent)) found.add(process.pid);
  }
  return processes.flatMap((process) => (process?.name === name && found.has(process.pid) ? [process.pid] : []));
}

async function readProcess(pid: number): Promise<{ pid: number; parent: number; name: string } | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  const name = status?.match(/^Name:\s+(.*)$/m)?.[1];
  const parent = status?.match(/^PPid:\s+(\d+)$/m)?.[1];
  return name && parent ? { pid, parent: Number(parent), name } : null;
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/^VmRSS:\s+(\d+) kB$/m)?.[1] ?? 0) * 1024;
}

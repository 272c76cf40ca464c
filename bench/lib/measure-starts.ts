import type { Contract } from '../../common/contract/contract.ts';
import { Connection } from './connection.ts';
import { residentBytes } from './processes.ts';
import { type Protocol, requestsOf } from './requests.ts';
import type { StartResult } from './results.ts';
import { spreadOf } from './statistics.ts';
import type { Server } from './workerd.ts';

export type Starter = {
  subject: StartResult['subject'];
  protocol: Protocol;
  starts: number;
  start: () => Promise<Server>;
};

/** Requests that follow before the memory is read again. */
const LATER_REQUESTS = 300;

type Started = { listeningMs: number; firstMs: number; secondMs: number; firstBytes: number; laterBytes: number };

/** Starts each subject `starts` times, in turn, and times the start, the first request and the second. */
export async function measureStarts(
  starters: readonly Starter[],
  contract: Contract,
  progress: (text: string) => void,
): Promise<StartResult[]> {
  const started = new Map<Starter, Started[]>(starters.map((starter) => [starter, []]));
  const most = Math.max(...starters.map(({ starts }) => starts));
  for (let i = 0; i < most; i++) {
    progress(`start ${i + 1} of ${most}`);
    for (const [starter, runs] of started) if (i < starter.starts) runs.push(await startOnce(starter, contract));
  }
  return [...started].map(([{ subject }, runs]) => ({
    subject,
    starts: runs.length,
    listeningMs: spreadOf(runs.map((it) => it.listeningMs)),
    firstMs: spreadOf(runs.map((it) => it.firstMs)),
    secondMs: spreadOf(runs.map((it) => it.secondMs)),
    firstBytes: spreadOf(runs.map((it) => it.firstBytes)),
    laterBytes: spreadOf(runs.map((it) => it.laterBytes)),
  }));
}

async function startOnce({ protocol, start }: Starter, contract: Contract): Promise<Started> {
  const requests = requestsOf(protocol, contract, 1);
  const server = await start();
  try {
    const connection = await Connection.open(server.port);
    const send = async (i: number) => {
      const startedAt = performance.now();
      await connection.send(requests[i % requests.length] ?? Buffer.alloc(0));
      return performance.now() - startedAt;
    };
    const firstMs = await send(0);
    const firstBytes = residentBytes(server.pid);
    const secondMs = await send(1);
    for (let i = 2; i < LATER_REQUESTS; i++) await send(i);
    const laterBytes = residentBytes(server.pid);
    connection.close();
    return { listeningMs: server.listeningMs, firstMs, secondMs, firstBytes, laterBytes };
  } finally {
    await server.stop();
  }
}

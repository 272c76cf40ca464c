import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import { quantile } from './statistics.ts';

/** The figures of one run of one load. Times in milliseconds. */
export type Run = { requests: number; perSecond: number; p50: number; p95: number; p99: number };

type Load = { port: number; requests: readonly Uint8Array[]; durationMs: number };

/** Timers have a grain of a millisecond: closer than this to a due time, the open loop spins instead. */
const SPIN_MS = 2;

/** Opens the stated number of connections. Each sends its next request when the last one is answered. */
export async function closedLoop({
  port,
  requests,
  durationMs,
  connections,
}: Load & { connections: number }): Promise<Run> {
  return withConnections(port, connections, async (opened) => {
    const latencies: number[] = [];
    let sent = 0;
    const startedAt = performance.now();
    const end = startedAt + durationMs;
    await Promise.all(
      opened.map(async (connection) => {
        for (let now = performance.now(); now < end; ) {
          await connection.send(pick(requests, sent++));
          const answeredAt = performance.now();
          latencies.push(answeredAt - now);
          now = answeredAt;
        }
      }),
    );
    return summary(latencies, performance.now() - startedAt);
  });
}

/**
 * Sends `rate` requests a second whether or not the earlier ones are answered, as independent callers do. A latency counts
 * from the due time of the request, so it includes the wait for a free connection.
 */
export async function openLoop({
  port,
  requests,
  durationMs,
  rate,
  connections = 64,
}: Load & { rate: number; connections?: number }): Promise<Run> {
  return withConnections(port, connections, async (opened) => {
    const free = [...opened];
    const due: number[] = [];
    const latencies: number[] = [];
    const pending = new Set<Promise<void>>();
    let sent = 0;
    const serve = async (connection: Connection) => {
      for (let at = due.shift(); at !== undefined; at = due.shift()) {
        await connection.send(pick(requests, sent++));
        latencies.push(performance.now() - at);
      }
      free.push(connection);
    };
    const startedAt = performance.now();
    const total = Math.floor((rate * durationMs) / 1000);
    for (let i = 0; i < total; i++) {
      const at = startedAt + (i * 1000) / rate;
      await until(at);
      due.push(at);
      const connection = free.pop();
      if (!connection) continue;
      const served = serve(connection).finally(() => pending.delete(served));
      pending.add(served);
    }
    await Promise.all(pending);
    return summary(latencies, performance.now() - startedAt);
  });
}

async function until(at: number): Promise<void> {
  const wait = at - performance.now() - SPIN_MS;
  if (wait > 0) await sleep(wait);
  while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve));
}

async function withConnections<T>(port: number, count: number, work: (opened: Connection[]) => Promise<T>): Promise<T> {
  const opened = await Promise.all(Array.from({ length: count }, () => Connection.open(port)));
  try {
    return await work(opened);
  } finally {
    for (const connection of opened) connection.close();
  }
}

function pick(requests: readonly Uint8Array[], i: number): Uint8Array {
  const request = requests[i % requests.length];
  if (!request) throw new Error('there is nothing to send');
  return request;
}

function summary(latencies: readonly number[], tookMs: number): Run {
  return {
    requests: latencies.length,
    perSecond: (latencies.length / tookMs) * 1000,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
  };
}

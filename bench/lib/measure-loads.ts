import type { Contract } from '../../common/contract/contract.ts';
import { closedLoop, openLoop, type Run } from './load.ts';
import { cpuMs } from './processes.ts';
import { requestsOf } from './requests.ts';
import type { LoadResult } from './results.ts';
import { spreadOf } from './statistics.ts';
import type { Subject } from './subjects.ts';

export type Scenario = { rows: number; connections: number | null; rate: number | null };

export type Plan = { rounds: number; durationMs: number; warmUpMs: number };

const CLOSED = [
  { connections: 1, rows: 1 },
  { connections: 16, rows: 1 },
  { connections: 64, rows: 1 },
  { connections: 1, rows: 100 },
  { connections: 1, rows: 1000 },
];
/** A rate that all subjects bear, and one for subjects that answer more than twice as many requests over 16 connections. */
const RATES = [20, 500];

const SCENARIOS: Scenario[] = [
  ...CLOSED.map((load) => ({ ...load, rate: null })),
  ...RATES.map((rate) => ({ rows: 1, connections: null, rate })),
];

/**
 * Puts every load on every subject, in turn, so that a disturbance of the machine meets all of them. It waits for `settle`
 * after each run, so that no subject works off a backlog during another one's time.
 */
export async function measureLoads(
  subjects: readonly Subject[],
  contract: Contract,
  { rounds, durationMs, warmUpMs }: Plan,
  settle: () => Promise<void>,
  progress: (text: string) => void,
): Promise<LoadResult[]> {
  const measured = new Map<string, { subject: Subject; scenario: Scenario; runs: Measured[] }>();
  const warm = new Set<Subject>();
  for (let round = 0; round < rounds; round++) {
    for (const scenario of SCENARIOS) {
      progress(`round ${round + 1} of ${rounds}: ${titleOf(scenario)}`);
      // Each round begins with another subject.
      const order = subjects.map((_, i) => subjects[(i + round) % subjects.length]).filter((it) => it !== undefined);
      for (const subject of order) {
        if (!applies(scenario, subject, measured)) continue;
        const key = keyOf(subject, scenario);
        const entry = measured.get(key) ?? { subject, scenario, runs: [] };
        measured.set(key, entry);
        const requests = requestsOf(subject.protocol, contract, scenario.rows);
        // The first load also compiles code and fills pools; the others only adapt to the size.
        const warmUp = warm.has(subject) ? warmUpMs : warmUpMs * 4;
        warm.add(subject);
        await run(subject, scenario, requests, warmUp);
        entry.runs.push(await run(subject, scenario, requests, durationMs));
        await settle();
      }
    }
  }
  return [...measured.values()].map(({ subject, scenario, runs }) => ({
    subject: subject.id,
    ...scenario,
    requests: runs.reduce((sum, { requests }) => sum + requests, 0),
    p50: spreadOf(runs.map(({ p50 }) => p50)),
    p95: spreadOf(runs.map(({ p95 }) => p95)),
    p99: spreadOf(runs.map(({ p99 }) => p99)),
    perSecond: spreadOf(runs.map(({ perSecond }) => perSecond)),
    cpuMs: spreadOf(runs.map((it) => it.cpuMs)),
  }));
}

type Measured = Run & { cpuMs: number };

async function run(subject: Subject, scenario: Scenario, requests: Buffer[], durationMs: number): Promise<Measured> {
  const { port, pid } = subject.server;
  const { connections, rate, rows } = scenario;
  const load = { port, requests, durationMs };
  const before = cpuMs(pid);
  const result =
    rate === null ? await closedLoop({ ...load, connections: connections ?? 1 }) : await openLoop({ ...load, rate });
  subject.answered += result.requests * rows;
  return { ...result, cpuMs: (cpuMs(pid) - before) / result.requests };
}

/** A constant has no rows. A rate that a server cannot keep up with only shows the length of its queue. */
function applies(
  { rows, rate }: Scenario,
  subject: Subject,
  measured: ReadonlyMap<string, { runs: readonly Run[] }>,
): boolean {
  if (subject.id === 'hono' && rows > 1) return false;
  if (rate === null) return true;
  const capacity = measured.get(keyOf(subject, { rows: 1, connections: 16, rate: null }))?.runs[0]?.perSecond ?? 0;
  return rate === RATES[0] || capacity > 2 * rate;
}

function keyOf({ id }: Subject, { rows, connections, rate }: Scenario): string {
  return `${id} ${rows} ${connections} ${rate}`;
}

export function titleOf({ rows, connections, rate }: Scenario): string {
  const pace = rate === null ? `${connections} connection${connections === 1 ? '' : 's'}` : `${rate} requests a second`;
  return `${rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`}, ${pace}`;
}

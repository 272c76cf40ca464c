import type { LoadResult, Results, StartResult, SubjectId } from './results.ts';

/** Made-up results for tests. */
export function madeUpResults(changes: Partial<Results> = {}): Results {
  return {
    measuredAt: '2026-11-01T12:00:00.000Z',
    commit: 'abc1234',
    isPartial: false,
    machine: { cpu: 'A & B', cores: 2, os: 'Linux 6', memoryGb: 16, loadBefore: 0.1 },
    versions: { node: '24.0.0', workerd: '1.0.0' },
    database: 'PostgreSQL 15',
    rounds: 3,
    durationMs: 3000,
    model: 'attrition 1.0.0',
    loads: [
      load('hono', 1, 0.1, 9000),
      load('worker', 1, 0.2, 4500),
      load('classic', 1, 20, 50),
      load('hono', 16, 1, 16_000),
      load('worker', 16, 2, 8000),
      load('classic', 16, 300, 60),
    ],
    starts: [start('worker', 300, 40), { ...start('worker', 10, 1), subject: 'empty' }],
    csv: {
      rows: 10_000,
      group: 250,
      workerMs: same(120),
      publishedMs: { inGroups: same(100), atOnce: same(110) },
      servedMs: { inGroups: same(70), atOnce: same(60) },
    },
    sizes: { bytes: 5_000_000, gzipBytes: 1_000_000 },
    recorded: { answered: 10, stored: 10 },
    skipped: [],
    ...changes,
  };
}

export function load(subject: SubjectId, connections: number, p50: number, perSecond: number): LoadResult {
  return {
    subject,
    rows: 1,
    connections,
    rate: null,
    requests: 100,
    p50: { median: p50, min: p50 * 0.9, max: p50 * 1.1 },
    p95: same(p50 * 2),
    p99: same(p50 * 3),
    perSecond: { median: perSecond, min: perSecond * 0.9, max: perSecond * 1.1 },
    cpuMs: same(p50 / 2),
  };
}

function start(subject: SubjectId, listening: number, first: number): StartResult {
  return {
    subject,
    starts: 10,
    listeningMs: same(listening),
    firstMs: same(first),
    secondMs: same(1),
    firstBytes: same(100e6),
    laterBytes: same(110e6),
  };
}

function same(value: number) {
  return { median: value, min: value, max: value };
}

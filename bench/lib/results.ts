import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const Spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
const SubjectId = z.enum(['hono', 'worker', 'recording', 'classic', 'onnx', 'mlserver']);
export type SubjectId = z.infer<typeof SubjectId>;

/** One load on one subject; the spreads are over the rounds. Times in milliseconds. */
const LoadResult = z.object({
  subject: SubjectId,
  rows: z.number(),
  /** How many connections that each wait for their answer, or null where requests came at a rate. */
  connections: z.number().nullable(),
  /** Requests a second, or null where the connections set the pace. */
  rate: z.number().nullable(),
  /** Over all rounds. */
  requests: z.number(),
  p50: Spread,
  p95: Spread,
  p99: Spread,
  perSecond: Spread,
  /** Processor time of the server's process for a request. */
  cpuMs: Spread,
});
export type LoadResult = z.infer<typeof LoadResult>;

const StartResult = z.object({
  subject: z.union([SubjectId, z.literal('empty')]),
  starts: z.number(),
  /** From the start of the process until it takes connections. */
  listeningMs: Spread,
  /** The first request, and the one after it. */
  firstMs: Spread,
  secondMs: Spread,
  /** Resident memory after the first answer, and after a few hundred. */
  firstBytes: Spread,
  laterBytes: Spread,
});
export type StartResult = z.infer<typeof StartResult>;

/** A number of rows at a time, and all at once. */
const GraphAlone = z.object({ inGroups: Spread, atOnce: Spread });
export type GraphAlone = z.infer<typeof GraphAlone>;

/** The results of a run of the benchmark. */
export const Results = z.object({
  measuredAt: z.iso.datetime(),
  commit: z.string(),
  /** Shortened, or with subjects left out. */
  isPartial: z.boolean(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    os: z.string(),
    memoryGb: z.number(),
    loadBefore: z.number(),
  }),
  versions: z.record(z.string(), z.string()),
  database: z.string(),
  rounds: z.number(),
  durationMs: z.number(),
  model: z.string(),
  loads: z.array(LoadResult),
  starts: z.array(StartResult),
  /** A CSV file through the batch endpoint, and the graph alone over the same rows. */
  csv: z
    .object({
      rows: z.number(),
      group: z.number(),
      workerMs: Spread,
      /** In ONNX Runtime as it is published, and as the Worker has it. */
      publishedMs: GraphAlone,
      servedMs: GraphAlone,
    })
    .nullable(),
  sizes: z.object({ bytes: z.number(), gzipBytes: z.number() }),
  /** Predictions that were answered as recorded, and rows that were found in the database. */
  recorded: z.object({ answered: z.number(), stored: z.number() }).nullable(),
  skipped: z.array(z.object({ subject: SubjectId, reason: z.string() })),
});
export type Results = z.infer<typeof Results>;

export const RESULTS_FILE = 'results.json';

/** Reads the results of a run. Throws, with the cause, where the file holds something else. */
export async function readResults(path: string): Promise<Results> {
  return Results.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** The load on a subject with so many rows over so many connections. */
export function closedLoadOf({ loads }: Results, subject: SubjectId, connections: number, rows = 1): LoadResult | null {
  return (
    loads.find((load) => load.subject === subject && load.connections === connections && load.rows === rows) ?? null
  );
}

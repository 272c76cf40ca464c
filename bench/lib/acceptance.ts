import { closedLoadOf, type GraphAlone, type Results } from './results.ts';

/** A criterion, the measured value, and whether it is met; `isMet` is null where nothing was measured. */
export type Acceptance = { criterion: string; found: string; isMet: boolean | null };

const MAX_OVER_HONO = 2;
const MIN_TIMES_FASTER = 20;
const MAX_FIRST_MS = 50;
const MAX_START_MS = 400;
const MAX_OVER_RUNTIME = 1.5;

/** The criteria for the Worker. All figures are medians of the rounds. */
export function acceptanceOf(results: Results): Acceptance[] {
  const p50 = (subject: 'hono' | 'worker' | 'classic') => closedLoadOf(results, subject, 1)?.p50.median;
  const perSecond = (subject: 'worker' | 'classic') => closedLoadOf(results, subject, 16)?.perSecond.median;
  const start = results.starts.find(({ subject }) => subject === 'worker');
  return [
    judge(
      `p50 at 1 connection at most ${MAX_OVER_HONO} times that of a Worker that answers a constant`,
      ratio(p50('worker'), p50('hono')),
      (value) => value <= MAX_OVER_HONO,
      times,
    ),
    judge(
      `p50 at 1 connection at least ${MIN_TIMES_FASTER} times lower than that of the classic stack`,
      ratio(p50('classic'), p50('worker')),
      (value) => value >= MIN_TIMES_FASTER,
      times,
    ),
    judge(
      `Requests a second at 16 connections at least ${MIN_TIMES_FASTER} times those of the classic stack`,
      ratio(perSecond('worker'), perSecond('classic')),
      (value) => value >= MIN_TIMES_FASTER,
      times,
    ),
    judge(
      `First request after the start in at most ${MAX_FIRST_MS} ms`,
      start?.firstMs.median,
      (value) => value <= MAX_FIRST_MS,
      milliseconds,
    ),
    judge(
      `Start of the process in at most ${MAX_START_MS} ms`,
      start?.listeningMs.median,
      (value) => value <= MAX_START_MS,
      milliseconds,
    ),
    judge(
      `10,000 CSV rows in at most ${MAX_OVER_RUNTIME} times the own time of ONNX Runtime as it is published`,
      ratio(results.csv?.workerMs.median, results.csv ? fastest(results.csv.publishedMs) : undefined),
      (value) => value <= MAX_OVER_RUNTIME,
      times,
    ),
  ];
}

/** In milliseconds. */
export function fastest({ inGroups, atOnce }: GraphAlone): number {
  return Math.min(inGroups.median, atOnce.median);
}

function judge(
  criterion: string,
  value: number | undefined,
  isMet: (value: number) => boolean,
  format: (value: number) => string,
): Acceptance {
  if (value === undefined) return { criterion, found: 'not measured', isMet: null };
  return { criterion, found: format(value), isMet: isMet(value) };
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

const times = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ×`;
const milliseconds = (value: number) => `${value.toFixed(0)} ms`;

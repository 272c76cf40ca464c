import { acceptanceOf, fastest } from './acceptance.ts';
import { titleOf } from './measure-loads.ts';
import { type Panel, plot } from './plot.ts';
import { closedLoadOf, type LoadResult, type Results, type StartResult, type SubjectId } from './results.ts';
import type { Spread } from './statistics.ts';
import { SUBJECTS } from './subjects.ts';
import { CHECKED_CASES } from './verify.ts';

export const PLOT_FILE = 'results.svg';

/** The text of RESULTS.md. Nobody writes in it by hand. */
export function reportOf(results: Results): string {
  return `${[
    '# Benchmark',
    `Made by \`npm run bench\` on ${results.measuredAt.slice(0, 10)} at ${results.commit}; do not edit.${results.isPartial ? ' **A shortened run: not to be quoted.**' : ''}`,
    machineLine(results),
    '## Ratios',
    ratioTable(results),
    '## Acceptance',
    acceptanceTable(results),
    `![Latency at one connection and throughput at sixteen](${PLOT_FILE})`,
    '## What is compared',
    subjectList(results),
    METHOD,
    '## One row, all who wait for their answers',
    loadTable(results, ({ rows, rate }) => rows === 1 && rate === null),
    '## One row, at a rate',
    'A latency counts from when the request was due, so waiting is part of it. The higher rate is for those who answer more than twice as many over 16 connections.',
    loadTable(results, ({ rate }) => rate !== null),
    '## Batches, one connection',
    loadTable(results, ({ rows }) => rows > 1),
    '## 10,000 rows of CSV',
    'Alone, ONNX Runtime runs the graph as it is published, with text for categories, in a Worker that does nothing else: once as the onnxruntime-web package has it, which is what the Worker is held against, and once as the Worker has it, whose way through decision trees has no branches. The Worker also gives it the codes that the graph made of each category when it was loaded, in place of the text.',
    csvText(results),
    '## Start and memory',
    startTable(results),
    sizeText(results),
    '## What these figures are not',
    LIMITS,
  ].join('\n\n')}\n`;
}

export function plotOf(results: Results): string {
  const panel = (title: string, unit: string, connections: number, value: (load: LoadResult) => Spread): Panel => ({
    title,
    unit,
    bars: subjectsOf(results).flatMap((id) => {
      const load = closedLoadOf(results, id, connections);
      return load ? [{ label: SUBJECTS[id].title, value: value(load), isOurs: isOurs(id) }] : [];
    }),
  });
  const panels = [
    panel('Median latency of one prediction, 1 connection (less is better)', 'ms', 1, ({ p50 }) => p50),
    panel('Predictions a second, 16 connections (more is better)', '/s', 16, ({ perSecond }) => perSecond),
  ];
  return plot(
    'Latency and throughput of one prediction',
    panels.filter(({ bars }) => bars.length > 0),
  );
}

const METHOD = `All run on one machine, one after the other and in turn, with the load generator beside them (a small one of its own: raw sockets, kept alive,
latencies in microseconds). Each is one process and computes on one core: \`workerd serve\` with one isolate; uvicorn with one worker on uvloop and httptools.
Figures are medians over the rounds, of each round's percentile or rate; in brackets the lowest and the highest round.

All but the constant serve the same model, which is checked before anything is measured: each gives ${CHECKED_CASES} golden cases their probability, within the contract's tolerance, and refuses
a record that breaks a rule. All validate alike: the peers' pydantic models are made from \`model/contract.json\`, with its types, limits, categories
and cross-field rules. The Worker alone also maps aliases, warns of unusual values and writes a log line a request. The training data is not published, so the
classic stack's pipeline is put together from the published graph: the same codes in a TargetEncoder, the same trees in an XGBClassifier.

Around \`workerd\` a process of its own stands in for the platform: R2 and the cache over HTTP, the queue (messages are delivered back into the same workerd process, whose one
thread also runs the consumer), and Neon's HTTP endpoint in front of the Postgres. Rate limits count in memory. miniflare's simulators are not used: its rate limit is a Durable
Object that costs more than a prediction.`;

const LIMITS = `- Nothing here was measured at Cloudflare: no network, no TLS, no edge, other processors. Ratios between processes on one machine are all that is claimed.
- One core each. The peers scale with more processes, and Cloudflare runs more isolates; neither is measured.
- The recording Worker answers when the queue has the message; the classic stack when Postgres has committed. That is the architecture, and part of the ratio.
- The consumer, which Cloudflare runs elsewhere, shares the thread of the Worker that is measured.
- The processor time of the load generator and of Postgres is taken from the same cores.`;

/** The fault in the counts of recorded predictions; null where they agree, or where nothing was counted. */
export function findLoss({ recorded }: Results): string | null {
  if (!recorded || recorded.answered === recorded.stored) return null;
  return `Of ${count(recorded.answered)} predictions that the recording Worker answered, ${count(recorded.stored)} are in the database.`;
}

function machineLine({ machine, versions, database, rounds, durationMs, model }: Results): string {
  const { cpu, cores, os, memoryGb, loadBefore } = machine;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${cores} cores (${cpu}), ${memoryGb} GB, ${os}; load average before the run ${loadBefore}. ${list.join(', ')}. ${database}.`,
    `${model}. ${rounds} rounds in turn, ${durationMs / 1000} s a load.`,
  ].join('\n');
}

function ratioTable(results: Results): string {
  const ids = subjectsOf(results);
  const ours = (['worker', 'recording'] as const).filter((id) => ids.includes(id));
  const others = ids.filter((id) => !isOurs(id));
  const rows = ours.flatMap((mine) =>
    others.map((other) => {
      const latency = ratioOf(results, other, mine, 1, ({ p50 }) => p50.median);
      const throughput = ratioOf(results, mine, other, 16, ({ perSecond }) => perSecond.median);
      return [SUBJECTS[mine].title, SUBJECTS[other].title, times(latency), times(throughput)];
    }),
  );
  return table(['', 'beside', 'lower latency (p50, 1 connection)', 'more requests a second (16 connections)'], rows);
}

function ratioOf(
  results: Results,
  a: SubjectId,
  b: SubjectId,
  connections: number,
  value: (load: LoadResult) => number,
): number | null {
  const [left, right] = [closedLoadOf(results, a, connections), closedLoadOf(results, b, connections)];
  return left && right ? value(left) / value(right) : null;
}

function acceptanceTable(results: Results): string {
  const said = (isMet: boolean | null) => (isMet === null ? '–' : isMet ? 'pass' : '**fail**');
  return table(
    ['Wanted', 'Found', ''],
    acceptanceOf(results).map(({ criterion, found, isMet }) => [criterion, found, said(isMet)]),
  );
}

function subjectList(results: Results): string {
  const skipped = results.skipped.map(
    ({ subject, reason }) => `- Not measured: ${SUBJECTS[subject].title}: ${reason}.`,
  );
  const list = subjectsOf(results).map((id) => `- **${SUBJECTS[id].title}**: ${SUBJECTS[id].what}.`);
  const { recorded } = results;
  const kept = recorded
    ? [
        `- Of ${count(recorded.answered)} predictions that the recording Worker answered, ${count(recorded.stored)} were in the database afterwards.`,
      ]
    : [];
  return [...list, ...skipped, ...kept].join('\n');
}

function loadTable({ loads }: Results, chosen: (load: LoadResult) => boolean): string {
  return table(
    ['', 'load', 'p50 ms', 'p95 ms', 'p99 ms', 'requests/s', 'CPU ms a request', 'requests'],
    loads
      .filter(chosen)
      .map((load) => [
        SUBJECTS[load.subject].title,
        titleOf(load),
        spread(load.p50),
        spread(load.p95),
        spread(load.p99),
        spread(load.perSecond),
        number(load.cpuMs.median),
        count(load.requests),
      ]),
  );
}

function csvText({ csv }: Results): string {
  if (!csv) return 'Not measured.';
  const { rows, group, workerMs, publishedMs, servedMs } = csv;
  const own = fastest(publishedMs);
  const measured: [what: string, ms: Spread][] = [
    ['The Worker: CSV in, validated, predicted, CSV out', workerMs],
    [`ONNX Runtime as it is published, ready tensors, ${group} rows at a time`, publishedMs.inGroups],
    ['ONNX Runtime as it is published, ready tensors, all at once', publishedMs.atOnce],
    [`ONNX Runtime as the Worker has it, ready tensors, ${group} rows at a time`, servedMs.inGroups],
    ['ONNX Runtime as the Worker has it, ready tensors, all at once', servedMs.atOnce],
  ];
  return table(
    [`${count(rows)} rows`, 'ms', 'rows/s', 'times ONNX Runtime'],
    measured.map(([what, ms]) => [
      what,
      spread(ms),
      count(Math.round((rows / ms.median) * 1000)),
      number(ms.median / own),
    ]),
  );
}

function startTable({ starts }: Results): string {
  const empty = starts.find(({ subject }) => subject === 'empty');
  const name = ({ subject }: StartResult) => (subject === 'empty' ? 'An empty Worker' : SUBJECTS[subject].title);
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const runsWorkerd = (subject: StartResult['subject']) => subject === 'hono' || subject === 'worker';
  return table(
    [
      '',
      'starts',
      'process to listening, ms',
      'first request, ms',
      'second, ms',
      'memory, 1st answer',
      'after 300',
      'above an empty Worker',
    ],
    starts.map((start) => [
      name(start),
      String(start.starts),
      spread(start.listeningMs),
      spread(start.firstMs),
      spread(start.secondMs),
      megabytes(start.firstBytes.median),
      megabytes(start.laterBytes.median),
      empty && runsWorkerd(start.subject) ? megabytes(start.laterBytes.median - empty.laterBytes.median) : '',
    ]),
  );
}

function sizeText({ sizes: { bytes, gzipBytes } }: Results): string {
  const mebibytes = (value: number) => `${(value / 2 ** 20).toFixed(2)} MiB`;
  return `The script that is uploaded, its WebAssembly included: ${mebibytes(bytes)}, ${mebibytes(gzipBytes)} compressed (of 64 MiB).`;
}

/** Those that were measured, in the order of their letters. */
function subjectsOf({ loads }: Results): SubjectId[] {
  const measured = new Set(loads.map(({ subject }) => subject));
  return [...measured].sort((a, b) => SUBJECTS[a].letter.localeCompare(SUBJECTS[b].letter));
}

function isOurs(id: SubjectId): boolean {
  return id === 'worker' || id === 'recording';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'Not measured.';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = `|${head.map((_, i) => (i === 0 ? '---|' : '---:|')).join('')}`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function spread({ median, min, max }: Spread): string {
  return `${number(median)} (${number(min)}–${number(max)})`;
}

function number(value: number): string {
  if (value >= 1000) return count(Math.round(value));
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
}

function times(value: number | null): string {
  if (value === null) return '–';
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(2)} ×`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

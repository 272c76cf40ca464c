import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from '../scripts/lib/cli.ts';
import { readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { type Estimate, estimate, type Usage } from './cost/estimate.ts';
import { messageBytesOf } from './cost/message-size.ts';
import { PRICES, PRICES_READ_ON } from './cost/prices.ts';
import { closedLoadOf, readResults } from './lib/results.ts';

const RESULTS = 'bench/results.json';

const HELP = `Estimates what recorded predictions cost a month: on Workers, in containers, and on a managed endpoint.

  npm run cost [-- options]

Options:
  --cpu-ms N             processor time of the Worker for a request, its consumer's included (default: as the benchmark measured)
  --classic-per-second N predictions a second of one core of the classic stack (default: as the benchmark measured)
  --isolates N           live isolates on average (default: 10, and one for every 10 requests a second)
  --months-kept N        months that predictions are kept (default 3)
  --json                 print the figures as JSON

Each request has one prediction, at 1, 100 and 1,000 requests a second, day and night. bench/cost/prices.ts has the list prices of
${PRICES_READ_ON} with their sources. The measured defaults come from ${RESULTS}.`;

const options = {
  'cpu-ms': { type: 'string' },
  'classic-per-second': { type: 'string' },
  isolates: { type: 'string' },
  'months-kept': { type: 'string', default: '3' },
} as const;

/** Requests a second, and the assumed size of a database that bears their inserts, in Neon's compute units. */
const LEVELS = [
  { requestsPerSecond: 1, computeUnits: 0.25 },
  { requestsPerSecond: 100, computeUnits: 1 },
  { requestsPerSecond: 1000, computeUnits: 4 },
];
const ASSUMED = {
  /** Included in the measured time of a request: the benchmark runs both in one process. */
  consumerCpuMs: 0,
  /** wrangler.toml. */
  messagesPerBatch: 25,
  refreshSeconds: 15,
  /** A row of the table predictions with its share of the indexes. */
  rowBytes: 1500,
  utilisation: 0.5,
  minInstances: 2,
};

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const measured = await readMeasured();
    const cpuMs = parse(values['cpu-ms'], '--cpu-ms') ?? measured?.cpuMs;
    const classicPerSecond = parse(values['classic-per-second'], '--classic-per-second') ?? measured?.classicPerSecond;
    if (cpuMs === undefined || classicPerSecond === undefined)
      throw new UserError(
        `${RESULTS} has no such figure: run npm run bench, or give --cpu-ms and --classic-per-second.`,
      );
    const monthsKept = parse(values['months-kept'], '--months-kept') ?? 3;
    const isolates = parse(values.isolates, '--isolates');
    const messageBytes = messageBytesOf((await readModelFolder('model')).contract);
    const estimates = LEVELS.map((level) => {
      const usage: Usage = {
        ...ASSUMED,
        ...level,
        cpuMs,
        classicPerSecond,
        messageBytes,
        monthsKept,
        isolates: isolates ?? 10 + level.requestsPerSecond / 10,
      };
      return { usage, dollars: estimate(usage) };
    });
    return {
      text: [
        `${cpuMs.toFixed(2)} ms of processor time a request, ${Math.round(messageBytes)} bytes a message, kept for ${monthsKept} months;`,
        `the classic stack makes ${classicPerSecond.toFixed(0)} predictions a second on a core, and is loaded to ${ASSUMED.utilisation * 100} %.`,
        '',
        ...tableOf(estimates.map(({ usage, dollars }) => [usage.requestsPerSecond, dollars] as const)),
      ].join('\n'),
      data: { pricesReadOn: PRICES_READ_ON, prices: PRICES, estimates },
    };
  },
);

/** The measurements of the committed benchmark run; null where there is no run, or the run left these out. */
async function readMeasured(): Promise<{ cpuMs: number; classicPerSecond: number } | null> {
  if (!existsSync(RESULTS)) return null;
  const results = await readResults(RESULTS);
  const recording = closedLoadOf(results, 'recording', 16);
  const classic = closedLoadOf(results, 'classic', 16);
  return recording && classic ? { cpuMs: recording.cpuMs.median, classicPerSecond: classic.perSecond.median } : null;
}

function parse(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new UserError(`${option} must be a number above 0, not "${text}".`, 2);
  return value;
}

function tableOf(estimates: readonly (readonly [requestsPerSecond: number, Estimate])[]): string[] {
  const rows: [string, (dollars: Estimate) => number][] = [
    ['Workers: requests and processor time', ({ workers }) => workers],
    ['Queues', ({ queues }) => queues],
    ['R2', ({ r2 }) => r2],
    ['Neon', ({ database }) => database],
    ['**On Workers, in all**', ({ total }) => total],
    ['Containers (Fargate) and the same Neon', ({ container }) => container.total],
    ['Managed endpoint (SageMaker) and the same Neon', ({ managed }) => managed.total],
  ];
  return [
    `| $ a month | ${estimates.map(([rate]) => `${rate.toLocaleString('en')}/s`).join(' | ')} |`,
    `|---|${estimates.map(() => '---:|').join('')}`,
    ...rows.map(([title, of]) => `| ${title} | ${estimates.map(([, dollars]) => format(of(dollars))).join(' | ')} |`),
  ];
}

function format(dollars: number): string {
  return dollars.toLocaleString('en', { maximumFractionDigits: dollars < 100 ? 2 : 0 });
}

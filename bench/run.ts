import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { commonOptions, runCommand, step, UserError } from '../scripts/lib/cli.ts';
import { readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { acceptanceOf } from './lib/acceptance.ts';
import { currentCommit, describeMachine, describeVersions } from './lib/machine.ts';
import { measureCsv } from './lib/measure-csv.ts';
import { measureLoads } from './lib/measure-loads.ts';
import { measureStarts, type Starter } from './lib/measure-starts.ts';
import { type PlatformProcess, startPlatform } from './lib/platform.ts';
import { type Database, provideDatabase } from './lib/postgres.ts';
import { findLoss, PLOT_FILE, plotOf, reportOf } from './lib/report.ts';
import { WORKER } from './lib/requests.ts';
import { RESULTS_FILE, type Results, type SubjectId } from './lib/results.ts';
import { SUBJECTS, type Subject, startSubject } from './lib/subjects.ts';
import { verify } from './lib/verify.ts';
import { buildEnvironment, buildServer } from './lib/worker-build.ts';
import { startWorkerd } from './lib/workerd.ts';
import { configurePlain } from './lib/workerd-config.ts';

const HELP = `Measures the Worker beside the alternatives, in turn and on this machine, and writes bench/RESULTS.md.

  npm run bench [-- options]

Options:
  --quick       a look in under two minutes: one short round. Written to dist/bench, not to bench
  --only LIST   some of the subjects, by letter, such as a,b,d. Written to dist/bench, too
  --json        print the results as JSON

Subjects:
${Object.values(SUBJECTS)
  .map(({ letter, title, what }) => `  ${letter}  ${title}: ${what}`)
  .join('\n')}

Needs Linux, and for d, e and f Python 3.11 or newer as python3. The first run makes their environments, in a minute or two; a whole
run then takes 12 minutes. The predictions go to a new database in the Postgres of BENCH_DATABASE_URL or TEST_DATABASE_URL. Without
either it is a new cluster of an installed Postgres, else an embedded one, which d cannot use.
Everything listens on 127.0.0.1 only.`;

const options = { quick: { type: 'boolean', default: false }, only: { type: 'string' } } as const;

const IDS = ['hono', 'worker', 'recording', 'classic', 'onnx', 'mlserver'] as const satisfies SubjectId[];
const FULL = { rounds: 3, durationMs: 3000, warmUpMs: 500, starts: 12, peerStarts: 3, csvRuns: 21 };
const QUICK = { rounds: 1, durationMs: 500, warmUpMs: 150, starts: 3, peerStarts: 1, csvRuns: 3 };
/** A thing that hangs must not hold a CI job for hours. */
const TIMEOUT_MS = 20 * 60_000;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ quick, only }) => {
    const chosen = only === undefined ? [...IDS] : parseLetters(only);
    const isPartial = quick || only !== undefined;
    const interrupted = new Promise<never>((_, reject) => {
      const stop = () => reject(new UserError('Interrupted.'));
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
      setTimeout(() => reject(new UserError('Given up: it takes too long.')), TIMEOUT_MS).unref();
    });
    await using running = new AsyncDisposableStack();
    const results = await Promise.race([measure(running, chosen, quick, isPartial), interrupted]);
    const folder = isPartial ? 'dist/bench' : 'bench';
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, RESULTS_FILE), `${JSON.stringify(results, null, 2)}\n`);
    await writeFile(join(folder, 'RESULTS.md'), reportOf(results));
    await writeFile(join(folder, PLOT_FILE), plotOf(results));
    const lines = acceptanceOf(results).map(
      ({ criterion, found, isMet }) => `${isMet === null ? '–   ' : isMet ? 'pass' : 'FAIL'} ${criterion}: ${found}`,
    );
    const text = [...lines, `Written to ${join(folder, 'RESULTS.md')}.`].join('\n');
    // What is slower than wanted is a measurement; what is lost is a fault.
    const loss = findLoss(results);
    if (loss !== null) throw new UserError(`${text}\n\n${loss}`);
    return { text, data: results };
  },
);
// An interruption may leave steps behind that still hold the event loop.
process.exit();

async function measure(
  running: AsyncDisposableStack,
  chosen: readonly SubjectId[],
  quick: boolean,
  isPartial: boolean,
): Promise<Results> {
  const plan = quick ? QUICK : FULL;
  const machine = await describeMachine();
  const versions = await describeVersions();
  const model = await readModelFolder('model');
  const { contract } = model;
  const platform = await step('starting what stands in for the platform', () => startPlatform(running));
  const database = await step(
    'providing a database',
    () => provideDatabase(running),
    ({ description }) => description,
  );
  const { subjects, skipped } = await startSubjects(chosen, (id) =>
    startSubject(id, contract, platform, database, running),
  );
  for (const subject of subjects) await verify(subject, contract);

  const progress = (text: string) => process.stderr.write(`  ${text}\n`);
  const loads = await measureLoads(subjects, contract, plan, () => platform.settle(), progress);
  const worker = subjects.find(({ id }) => id === 'worker');
  const csv = worker
    ? await step('sending 10,000 rows of CSV', () =>
        measureCsv(worker, contract, { rounds: plan.rounds, runs: plan.csvRuns }),
      )
    : null;
  const recorded = await countRecorded(subjects, platform, database);

  for (const { server } of subjects) await server.stop();
  const starts = await measureStarts(await startersOf(subjects, plan), contract, progress);
  const { bytes, gzipBytes } = await buildEnvironment('model');
  return {
    measuredAt: new Date().toISOString(),
    commit: currentCommit(),
    isPartial,
    machine,
    versions,
    database: database.description,
    rounds: plan.rounds,
    durationMs: plan.durationMs,
    model: `${contract.name} ${contract.version}, ${contract.features.length} features`,
    loads,
    starts,
    csv,
    sizes: { bytes, gzipBytes },
    recorded,
    skipped,
  };
}

/** Starts what can be had; the others are skipped with the reason, so that a machine without Python can measure the rest. */
async function startSubjects(chosen: readonly SubjectId[], start: (id: SubjectId) => Promise<Subject>) {
  const subjects: Subject[] = [];
  const skipped: Results['skipped'] = [];
  for (const id of chosen) {
    try {
      subjects.push(await step(`starting ${SUBJECTS[id].title}`, () => start(id)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`  ${reason}\n`);
      skipped.push({ subject: id, reason: reason.split('\n')[0] ?? '' });
    }
  }
  return { subjects, skipped };
}

/** What the recording Worker answered, and what is in the database; null where neither can be said. */
async function countRecorded(
  subjects: readonly Subject[],
  platform: PlatformProcess,
  { url }: Database,
): Promise<Results['recorded']> {
  const recording = subjects.find(({ id }) => id === 'recording');
  if (!recording || url === null) return null;
  await platform.settle();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>('select count(*) from predictions');
  await client.end();
  return { answered: recording.answered, stored: Number(rows[0]?.count) };
}

async function startersOf(subjects: readonly Subject[], { starts, peerStarts }: typeof FULL): Promise<Starter[]> {
  const empty = await configurePlain(await buildServer('empty'));
  return [
    { subject: 'empty', protocol: WORKER, starts, start: () => startWorkerd(empty) },
    ...subjects.flatMap(({ id, protocol, start }) =>
      start ? [{ subject: id, protocol, starts: id === 'hono' || id === 'worker' ? starts : peerStarts, start }] : [],
    ),
  ];
}

function parseLetters(text: string): SubjectId[] {
  return text.split(',').map((letter) => {
    const id = IDS.find((it) => SUBJECTS[it].letter === letter.trim());
    if (!id)
      throw new UserError(
        `--only takes letters of ${IDS.map((it) => SUBJECTS[it].letter).join(', ')}, not "${letter}".`,
        2,
      );
    return id;
  });
}

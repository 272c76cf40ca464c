import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Contract } from '../../common/contract/contract.ts';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { readModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { withStore } from '../../scripts/lib/model/open-store.ts';
import { storeVersion } from '../../scripts/lib/model/stored-versions.ts';
import { noProgressBar } from '../../scripts/lib/progress-bar.ts';
import { plural } from '../../scripts/lib/text.ts';
import { freePort, type Stack, startStack } from '../kit/local-stack.ts';
import { makeModelFolder } from '../kit/model-folders.ts';
import { runScript } from '../kit/run-script.ts';
import { type Audit, audit } from './audit.ts';
import { describeStatuses, type Load, runLoad } from './load.ts';
import { COLD_START, type Event, SCENARIOS, type Scenario } from './scenarios.ts';

const HELP = `Breaks parts of the local system under load, and compares the answers with the stored predictions in the end.

  npm run test:faults [-- options]

Options:
  --only TEXT  only the scenarios whose names have this text
  --json       print the result as JSON

It starts the system on a free port with a database of its own, and stops it afterwards. It sends 25 records a second one by one,
whether or not earlier ones were answered, and a batch of 120 every three seconds. Every record that was answered as stored, queued or
spooled must be in the database once, as answered. Every 5xx must be a documented 503. The run takes seven minutes.`;

const options = { only: { type: 'string', default: '' } } as const;
const NEWER = '1.1.0';

type Outcome = Audit & { scenario: Scenario; load: Load; isShown: boolean };

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ only }) => {
    const scenarios = [...SCENARIOS, COLD_START].filter(({ name }) => name.includes(only));
    if (scenarios.length === 0) throw new UserError(`No scenario has "${only}" in its name.`, 2);
    const interrupted = new Promise<never>((_resolve, reject) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.once(signal, () => reject(new UserError('Interrupted.')));
    });
    await using running = new AsyncDisposableStack();
    const data = await mkdtemp(join(tmpdir(), 'faults-'));
    running.defer(() => rm(data, { recursive: true }));
    const outcomes = await Promise.race([runAll(running, data, scenarios), interrupted]);
    const failures = outcomes.flatMap(failuresOf);
    const text = `${table(outcomes)}\n\n${summary(outcomes)}`;
    if (failures.length > 0) throw new UserError(`${text}\n\n${failures.join('\n')}`);
    return { text, data: { outcomes: outcomes.map(toData) } };
  },
);

async function runAll(running: AsyncDisposableStack, data: string, scenarios: readonly Scenario[]): Promise<Outcome[]> {
  const { contract } = await readModelFolder('model');
  const outcomes: Outcome[] = [];
  let stack = await startSystem(running, data, {});
  const newer = await readModelFolder(await makeModelFolder(data, NEWER));
  await withStore('dev', { remote: false, data }, (store) => storeVersion(store, newer, 'a test', noProgressBar));
  for (const scenario of scenarios) {
    if (scenario === COLD_START) {
      // What is copied near the isolate outlives it.
      await stack.fetch('/health/ready');
      await stack.stop();
      stack = await startSystem(running, data, { models: 'down' });
    }
    const outcome = await step(
      scenario.name,
      () => runScenario(stack, data, scenario, contract),
      ({ acknowledged, stored }) => `${stored} of ${acknowledged}`,
    );
    outcomes.push(outcome);
  }
  return outcomes;
}

async function startSystem(running: AsyncDisposableStack, data: string, faults: object): Promise<Stack> {
  const stack = startStack('--port', String(await freePort()), '--data', data, '--faults', JSON.stringify(faults));
  running.defer(async () => {
    await stack.stop();
  });
  await step('starting the system', () => stack.ready());
  return stack;
}

async function runScenario(stack: Stack, data: string, scenario: Scenario, contract: Contract): Promise<Outcome> {
  const control = stack.output().match(/http:\S+\/faults/)?.[0] ?? '';
  const readLog = () => readFile(join(data, 'worker.log'), 'utf8');
  // That of a cold start begins with it.
  const logBefore = scenario === COLD_START ? 0 : (await readLog()).length;
  const loaded = runLoad(stack, contract, scenario.seconds);
  const startedAt = Date.now();
  for (const event of scenario.events) {
    await sleep(Math.max(0, startedAt + event.at * 1000 - Date.now()));
    await happen(event, control, data);
  }
  const load = await loaded;
  const audited = await audit(stack, load.told);
  const log = (await readLog()).slice(logBefore);
  return { ...audited, scenario, load, isShown: isShown(scenario, load, log) };
}

function isShown({ shows }: Scenario, { told }: Load, log: string): boolean {
  if (!shows) return true;
  return 'logged' in shows ? shows.logged.test(log) : told.some(({ recorded }) => recorded === shows.recorded);
}

async function happen(event: Event, control: string, data: string): Promise<void> {
  if ('set' in event) await sendTo(control, { method: 'PUT', body: JSON.stringify(event.set) });
  else if (event.do === 'restart the database') await sendTo(new URL('restart', control), { method: 'POST' });
  else {
    const options = ['--env', 'dev', '--data', data, '--version', NEWER, '--reason', 'a test'];
    const { code, stderr } = await runScript('activate', options);
    if (code !== 0) throw new Error(stderr);
  }
}

async function sendTo(url: string | URL, init: RequestInit): Promise<void> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(await response.text());
}

function failuresOf({ scenario, load, lost, duplicated, altered, isShown }: Outcome): string[] {
  const { name, mayRefuse = false } = scenario;
  const refused = load.told.filter(({ recorded }) => recorded === 'failed').length;
  const faults = [
    lost.length > 0 && `${plural(lost.length, 'prediction')} lost: ${ids(lost)}`,
    duplicated.length > 0 &&
      `records of ${plural(duplicated.length, 'employee')} stored twice: ${duplicated.slice(0, 5)}`,
    altered.length > 0 && `${plural(altered.length, 'prediction')} stored otherwise than answered: ${ids(altered)}`,
    load.undocumented.length > 0 &&
      `${plural(load.undocumented.length, 'answer')} not documented: ${load.undocumented.slice(0, 3).join('; ')}`,
    refused > 0 && !mayRefuse && `${plural(refused, 'record')} not accepted`,
    load.told.length === 0 && 'nothing was answered',
    !isShown && 'nothing shows that the faults were there',
    scenario.name === 'model switched' && load.versions.size !== 2 && `only ${[...load.versions]} answered`,
  ];
  return faults.flatMap((fault) => (fault ? [`${name}: ${fault}`] : []));
}

function ids(told: readonly { id: string }[]): string {
  const shown = told.slice(0, 5).map(({ id }) => id);
  return shown.join(', ');
}

function toData({ scenario, load, lost, altered, ...rest }: Outcome) {
  return {
    scenario: scenario.name,
    requests: load.requests,
    statuses: Object.fromEntries(load.statuses),
    recorded: countStates(load),
    ...rest,
    lost: lost.length,
    altered: altered.length,
  };
}

function countStates({ told }: Load): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { recorded } of told) counts[recorded] = (counts[recorded] ?? 0) + 1;
  return counts;
}

function table(outcomes: readonly Outcome[]): string {
  const head = [
    'scenario',
    'load',
    'answers',
    'recorded',
    'acknowledged',
    'stored',
    'lost',
    'duplicated',
    'altered',
    'settled',
  ];
  const rows = outcomes.map(({ scenario, load, acknowledged, stored, lost, duplicated, altered, seconds }) => [
    scenario.name,
    `${load.requests} in ${scenario.seconds} s`,
    describeStatuses(load.statuses),
    Object.entries(countStates(load))
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
    String(acknowledged),
    String(stored),
    String(lost.length),
    String(duplicated.length),
    String(altered.length),
    `${seconds} s`,
  ]);
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n');
}

function summary(outcomes: readonly Outcome[]): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return [
    `${sum(({ load }) => load.requests)} requests, ${sum(({ acknowledged }) => acknowledged)} predictions acknowledged,`,
    `${sum(({ stored }) => stored)} stored, ${sum(({ lost }) => lost.length)} lost,`,
    `${sum(({ duplicated }) => duplicated.length)} duplicated, ${sum(({ altered }) => altered.length)} altered.`,
  ].join(' ');
}

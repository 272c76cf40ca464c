import { setTimeout as sleep } from 'node:timers/promises';
import { step, UserError } from '../cli.ts';
import type { Environment } from '../model/open-store.ts';
import { call } from '../model/smoke-test.ts';
import { applyAddresses, applyTriggers, deployVersions, readTraffic, type Share, setTraffic } from './cloudflare.ts';
import type { Interruption } from './interruption.ts';
import { exceeds, type ProbeOptions, type ProbeReport, probe } from './probe.ts';
import { smokeTest } from './smoke.ts';
import { closeVersionUrls } from './version-urls.ts';

const RETURN_ATTEMPTS = 3;
const RETURN_PAUSE_MS = 1000;
const ADDRESSES = 'the addresses of the Worker, as far as they were applied';
const TRIGGERS = 'cron, queue consumers and addresses, as far as they were applied';

export type Rollout = {
  environment: Environment;
  url: string;
  worker: string;
  commit: string;
  /** The version that gets the traffic, and the previous one. */
  version: string;
  stable: string;
  /** How the traffic was shared when the decision to deploy was made: the rollout is refused if it is shared otherwise now. */
  shares: readonly Share[];
  /** Percentages, ascending, the last one 100. */
  steps: number[];
  smokeTimeoutMs: number;
  probe: ProbeOptions;
  /** Whether the Worker has no address yet, so that no request reaches it before it is given one. */
  needsAddress: boolean;
  interruption: Interruption;
  /** What a failure leaves behind, for the error's reader: the rollout adds to it. */
  staying: string[];
};

export type StepReport = { percentage: number } & ProbeReport;

/** Somebody else shared the traffic out anew meanwhile: theirs stays. */
class TrafficChanged extends UserError {}

/**
 * Lets an uploaded version serve: first without traffic, for its smoke test, then with growing shares of the traffic. If a
 * step fails, all traffic returns to the old version, and the error says so.
 */
export async function rollOut(rollout: Rollout): Promise<StepReport[]> {
  try {
    return await shift(rollout);
  } catch (error) {
    throw new UserError(`${messageOf(error)}\n${await undo(rollout, error)}`);
  }
}

async function shift(rollout: Rollout): Promise<StepReport[]> {
  const { url, version, steps, smokeTimeoutMs, interruption } = rollout;
  await checkUnchanged(rollout, rollout.shares);
  await step('deploying it beside the old one, without traffic', () => deployBeside(rollout));
  if (rollout.needsAddress) await step('giving the Worker its address', () => address(rollout));
  const contract = await step(
    `smoke testing it at ${url}`,
    () => smokeTest(rollout, { timeoutMs: smokeTimeoutMs, interruption }),
    ({ name, version: model }) => `it serves ${name} ${model}`,
  );
  const reports: StepReport[] = [];
  let before = 0;
  for (const percentage of steps) {
    interruption.check();
    await checkUnchanged(rollout, sharesAt(rollout.stable, version, before));
    await step(`giving it ${percentage} % of the traffic`, () => share(rollout, percentage));
    before = percentage;
    const report = await step(
      'watching the answers',
      () => probe(url, contract, rollout.probe, interruption),
      ({ requests, errors }) => `${errors} of ${requests} failed`,
    );
    reports.push({ percentage, ...report });
    if (exceeds(report, rollout.probe)) {
      throw new UserError(
        `With ${percentage} % of the traffic on ${version}, ${report.errors} of ${report.requests} requests failed (${report.lastError}); ${rollout.probe.maxErrorRate * 100} % of ${rollout.probe.requests} may.`,
      );
    }
  }
  interruption.check();
  await step('applying cron, queue consumers and addresses', () => trigger(rollout));
  return reports;
}

function deployBeside({ environment, commit, stable, version }: Rollout): Promise<void> {
  return deployVersions(environment, sharesAt(stable, version, 0), `${commit}: 0 %`);
}

function share({ worker, commit, stable, version }: Rollout, percentage: number): Promise<void> {
  return setTraffic(worker, sharesAt(stable, version, percentage), `${commit}: ${percentage} %`);
}

/**
 * The Worker that `bootstrap` makes for the secrets has no handlers of queues and cron, and all the traffic still: Cloudflare would refuse
 * the consumers with code 11001.
 */
async function address({ environment, worker, staying }: Rollout): Promise<void> {
  staying.push(ADDRESSES);
  await applyAddresses(environment);
  await closeVersionUrls(worker);
}

/** wrangler applies triggers at the same time, and fails where one of them does: nobody knows how far it came. */
async function trigger({ environment, worker, staying }: Rollout): Promise<void> {
  if (!staying.includes(TRIGGERS)) staying.push(TRIGGERS);
  await applyTriggers(environment);
  // wrangler.toml takes the versions' addresses away; this is where it is seen to be so.
  await closeVersionUrls(worker);
}

function sharesAt(stable: string, version: string, percentage: number): Share[] {
  const shares = [
    { version: stable, percentage: 100 - percentage },
    { version, percentage },
  ];
  return percentage === 100 ? shares.slice(1) : shares;
}

async function checkUnchanged({ environment, worker }: Rollout, expected: readonly Share[]): Promise<void> {
  const traffic = await readTraffic(worker);
  const isSame = expected.every((wanted) =>
    traffic?.shares.some((it) => it.version === wanted.version && it.percentage === wanted.percentage),
  );
  if (isSame) return;
  throw new TrafficChanged(
    `Somebody else shared the traffic of ${environment} out anew while this deployment went on: ${describeShares(traffic?.shares ?? [])}.`,
  );
}

/** Returns all traffic to the old version, and says so. */
async function undo(rollout: Rollout, error: unknown): Promise<string> {
  const { environment, url, worker, commit, stable, version, needsAddress } = rollout;
  const byHand = `npx wrangler versions deploy ${stable}@100% --env ${environment} --yes`;
  if (error instanceof TrafficChanged) return `That was left as it is. To return to the version before: ${byHand}`;
  for (let attempt = 1; attempt <= RETURN_ATTEMPTS; attempt++) {
    try {
      return await step('returning all traffic to the old version', async () => {
        const traffic = await readTraffic(worker);
        if (!traffic?.shares.some((it) => it.version === version))
          return `The new version (${version}) got no traffic; ${describeShares(traffic?.shares ?? [])}.`;
        await setTraffic(worker, [{ version: stable, percentage: 100 }], `${commit}: returned`);
        return `All traffic of ${environment} went back to version ${stable}${needsAddress ? `; before, nothing answered at ${url} either` : ''}. The new one (${version}) stays uploaded, without traffic.`;
      });
    } catch (failure) {
      process.stderr.write(`${messageOf(failure)}\n`);
      await sleep(RETURN_PAUSE_MS);
    }
  }
  return `THE TRAFFIC COULD NOT BE RETURNED to version ${stable}: Cloudflare refused ${RETURN_ATTEMPTS} times. Do it by hand, now: ${byHand}`;
}

function describeShares(shares: readonly Share[]): string {
  return (
    shares.map(({ version, percentage }) => `${percentage} % go to ${version}`).join(', ') || 'nothing is deployed'
  );
}

function messageOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Whether a Worker answers at the address. Without one, Cloudflare answers 404, or the name has no host. */
export const hasAddress = (url: string) =>
  call(url, '/health/live').then(
    ({ status }) => status !== 404,
    () => false,
  );

import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { ActivePointer } from '../../../common/contract/active-pointer.ts';
import { UserError } from '../cli.ts';
import { type ModelFolder, sha256 } from './model-folder.ts';
import { call, checkMayPredict, waitForVersion } from './smoke-test.ts';

const POLL_MS = 1000;
/** Isolates follow a switch one by one: this many answers in a row must agree. */
const AGREEING = 5;

const Ready = z.object({
  checks: z.object({
    model: z.object({
      status: z.enum(['ok', 'failed']),
      name: z.string().optional(),
      version: z.string().optional(),
      sha256: z.string().optional(),
      /** Code that is older than contract digests does not say it. */
      contractSha256: z.string().optional(),
    }),
    database: z.object({ status: z.string() }),
  }),
});

/**
 * Checks the target before any switch: the address is the target's, it serves just the version of its pointer (or none), its
 * database answers, and it lets this command predict. Throws with its finding.
 */
export async function checkTarget(url: string, active: ActivePointer | null): Promise<void> {
  const { model, database } = await readReady(url);
  if (database.status === 'failed')
    throw new UserError(`${url} is not ready: its database does not answer. Mend that first.`);
  const serves =
    model.status === 'ok' ? described(model.name, model.version, model.sha256, model.contractSha256) : NONE;
  const contractSha256 = model.contractSha256 === undefined ? undefined : active?.contractSha256;
  const expected = active ? described(active.name, active.version, active.graphSha256, contractSha256) : NONE;
  if (serves !== expected) {
    throw new UserError(
      `${url} serves ${serves}, but ${expected} is active in the target. Is --url the address of the target? If the target was switched just now, wait half a minute.`,
    );
  }
  await checkMayPredict(url);
}

const NONE = 'no model';

/** A version with the first characters of its digests, as in "attrition 1.0.0 (graph 0123456789ab, contract ba9876543210)". */
function described(name?: string, version?: string, sha256?: string, contractSha256?: string): string {
  const contract = contractSha256 === undefined ? '' : `, contract ${contractSha256.slice(0, 12)}`;
  return `${name} ${version} (graph ${sha256?.slice(0, 12)}${contract})`;
}

/** Waits until the target serves a version, then has it predict the contract's first example, once. */
export async function waitUntilServed(url: string, { contract, files }: ModelFolder, timeoutMs: number): Promise<void> {
  const { name, version, graph } = contract;
  const contractSha256 = sha256(files['contract.json']);
  const isIt = (model: z.infer<typeof Ready>['checks']['model']) =>
    model.status === 'ok' &&
    model.name === name &&
    model.version === version &&
    model.sha256 === graph.sha256 &&
    (model.contractSha256 ?? contractSha256) === contractSha256;
  const deadline = Date.now() + timeoutMs;
  let inARow = 0;
  while (inARow < AGREEING) {
    const { model } = await readReady(url);
    if (isIt(model)) {
      inARow++;
      continue;
    }
    inARow = 0;
    if (Date.now() > deadline) {
      const instead =
        model.status === 'ok' ? described(model.name, model.version, model.sha256, model.contractSha256) : NONE;
      throw new UserError(
        `${url} does not serve ${name} ${version} after ${timeoutMs / 1000} s: it serves ${instead}.`,
      );
    }
    await sleep(POLL_MS);
  }
  await waitForVersion(url, contract, { timeoutMs, agreeing: 1 });
}

async function readReady(url: string) {
  const { status, body } = await call(url, '/health/ready');
  const ready = Ready.safeParse(body);
  if (!ready.success) throw new UserError(`${url}/health/ready answered ${status}, and not as this Worker does.`);
  return ready.data.checks;
}

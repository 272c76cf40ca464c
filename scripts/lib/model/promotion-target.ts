import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { ActivePointer } from '../../../common/contract/active-pointer.ts';
import type { Contract } from '../../../common/contract/contract.ts';
import { UserError } from '../cli.ts';
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
  const serves = model.status === 'ok' ? `${model.name} ${model.version} (${model.sha256?.slice(0, 12)})` : 'no model';
  const expected = active ? `${active.name} ${active.version} (${active.graphSha256.slice(0, 12)})` : 'no model';
  if (serves !== expected) {
    throw new UserError(
      `${url} serves ${serves}, but ${expected} is active in the target. Is --url the address of the target? If the target was switched just now, wait half a minute.`,
    );
  }
  await checkMayPredict(url);
}

/** Waits until the target serves a version, then has it predict the contract's first example, once. */
export async function waitUntilServed(url: string, contract: Contract, timeoutMs: number): Promise<void> {
  const { name, version, graph } = contract;
  const deadline = Date.now() + timeoutMs;
  let inARow = 0;
  while (inARow < AGREEING) {
    const { model } = await readReady(url);
    if (model.status === 'ok' && model.name === name && model.version === version && model.sha256 === graph.sha256) {
      inARow++;
      continue;
    }
    inARow = 0;
    if (Date.now() > deadline) {
      const instead = model.status === 'ok' ? `${model.name} ${model.version}` : 'no model';
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

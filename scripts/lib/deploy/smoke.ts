import * as z from 'zod';
import { publicWorkerId } from '../../../common/api/worker-id.ts';
import { Contract } from '../../../common/contract/contract.ts';
import { UserError } from '../cli.ts';
import { call, checkAlive, type Headers, waitForVersion } from '../model/smoke-test.ts';
import type { Interruption } from './interruption.ts';

const POLL_MS = 500;
/** Cloudflare's locations learn of a deployment one by one: several answers in a row must come from the version. */
const AGREEING = 3;

const Ready = z.object({ worker: z.object({ id: z.string() }) });

type Target = { url: string; worker: string; version: string };

/**
 * Sends requests to one version through the header that pins them to it
 * (https://developers.cloudflare.com/workers/versions-and-deployments/version-overrides/). It waits until the version is
 * ready, serves a contract, and predicts the contract's first example. Each answer names its version, so the test cannot pass
 * on answers of another version that ignored the header. Resolves to the contract.
 */
export async function smokeTest(
  { url, worker, version }: Target,
  { timeoutMs, interruption }: { timeoutMs: number; interruption: Interruption },
): Promise<Contract> {
  const headers = { 'Cloudflare-Workers-Version-Overrides': `${worker}="${version}"` };
  const deadline = Date.now() + timeoutMs;
  let inARow = 0;
  while (inARow < AGREEING) {
    const problem = await whyNotReady(url, version, headers);
    inARow = problem === null ? inARow + 1 : 0;
    if (problem === null) continue;
    if (Date.now() > deadline) throw new UserError(`The new version failed its smoke test: ${problem}`);
    await interruption.wait(POLL_MS);
  }
  const { status, body } = await call(url, '/v1/model', { headers });
  const contract = Contract.safeParse(body);
  if (status !== 200 || !contract.success)
    throw new UserError(`The new version failed its smoke test: /v1/model answered ${status}, and no contract.`);
  interruption.check();
  await waitForVersion(url, contract.data, { timeoutMs, agreeing: 1, headers }).catch((error: Error) => {
    throw new UserError(`The new version failed its smoke test: ${error.message}`);
  });
  return contract.data;
}

async function whyNotReady(url: string, version: string, headers: Headers): Promise<string | null> {
  try {
    await checkAlive(url, headers);
    const { status, body } = await call(url, '/health/ready', { headers });
    if (status !== 200) return `/health/ready answered ${status}: ${JSON.stringify(body)}`;
    const answer = Ready.safeParse(body);
    if (!answer.success) return `/health/ready does not say which version answered: ${JSON.stringify(body)}`;
    const { id } = answer.data.worker;
    return id === publicWorkerId(version) ? null : `version …${id} answered instead of ${version}.`;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

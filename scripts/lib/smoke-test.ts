import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Contract } from '../../common/contract.ts';
import { UserError } from './cli.ts';

const TIMEOUT_MS = 10_000;
const POLL_MS = 1000;

const Answer = z.object({ probability: z.number(), model: z.object({ name: z.string(), version: z.string() }) });

/** Sent with every request of a test: to reach one version of a Worker, say. */
export type Headers = Record<string, string>;

/** Checks that a deployed Worker answers at all; throws with what it answered instead. */
export async function checkAlive(url: string, headers: Headers = {}): Promise<void> {
  const { status } = await call(url, '/health/live', { headers });
  if (status !== 200) throw new UserError(`${url}/health/live answered ${status}, not 200.`);
}

/**
 * Waits until a deployed Worker answers a contract's first example with that version and its probability. Isolates pick a
 * flip up one by one, so several answers in a row must agree. Throws, with the last answer, where that takes too long.
 */
export async function waitForVersion(
  url: string,
  { name, version, examples, parity }: Contract,
  { timeoutMs, agreeing = 5, headers = {} }: { timeoutMs: number; agreeing?: number; headers?: Headers },
): Promise<void> {
  const [example] = examples;
  const deadline = Date.now() + timeoutMs;
  let inARow = 0;
  while (inARow < agreeing) {
    const problem = await mismatch();
    if (problem === null) {
      inARow++;
      continue;
    }
    inARow = 0;
    if (Date.now() > deadline)
      throw new UserError(`${url} does not serve ${name} ${version} after ${timeoutMs / 1000} s: ${problem}`);
    await sleep(POLL_MS);
  }

  async function mismatch(): Promise<string | null> {
    const { status, body } = await call(url, '/v1/predict', { body: example?.input, headers }).catch(
      (error: UserError) => ({
        status: 0,
        body: error.message,
      }),
    );
    if (status !== 200) return `/v1/predict answered ${status}: ${JSON.stringify(body)}`;
    const answer = Answer.safeParse(body);
    if (!answer.success) return `/v1/predict answered something else: ${JSON.stringify(body)}`;
    const { model, probability } = answer.data;
    if (model.name !== name || model.version !== version) return `it still answers with ${model.name} ${model.version}`;
    const difference = Math.abs(probability - (example?.probability ?? Number.NaN));
    return difference <= parity.tolerance ? null : `it answers ${probability}, not ${example?.probability}`;
  }
}

/** Sends a GET, or a POST where there is a body; throws a UserError if nothing answers. */
export async function call(
  url: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Headers } = {},
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(new URL(path, url), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers,
      ...(body !== undefined && {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch (error) {
    throw new UserError(`${url}${path} cannot be reached: ${error instanceof Error ? error.message : error}.`);
  }
}

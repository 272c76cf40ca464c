import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Problem } from '../../../common/api/answers.ts';
import { keyIdOf } from '../../../common/api/api-key.ts';
import type { Contract } from '../../../common/contract/contract.ts';
import { AnyExpectation, outputKind } from '../../../common/contract/outputs/outputs.ts';
import { UserError } from '../cli.ts';

const TIMEOUT_MS = 10_000;
const POLL_MS = 1000;

/** Where the commands get the API key from under which they ask a deployed Worker to predict. */
const KEY_VARIABLE = 'FUTURISYS_API_KEY';

const Answer = z.object({ model: z.object({ name: z.string(), version: z.string() }) });

/** Sent with every request of a test: to reach one version of a Worker, say. */
export type Headers = Record<string, string>;

/** Checks that a deployed Worker answers at all; throws with what it answered instead. */
export async function checkAlive(url: string, headers: Headers = {}): Promise<void> {
  const { status } = await call(url, '/health/live', { headers });
  if (status !== 200) throw new UserError(`${url}/health/live answered ${status}, not 200.`);
}

/**
 * The API key in this command's environment, for a request that needs the scope "predict"; nothing where it is not set,
 * because an environment may let everybody predict.
 */
export function keyHeaders(): Headers {
  const key = process.env[KEY_VARIABLE]?.trim();
  if (!key) return {};
  if (keyIdOf(key) === null)
    throw new UserError(`${KEY_VARIABLE} is not a whole API key: one is "fk_", its id, "_" and 43 more characters.`);
  return { authorization: `Bearer ${key}` };
}

/** Checks that a deployed Worker lets this command predict, without a prediction; throws with what to do. */
export async function checkMayPredict(url: string): Promise<void> {
  const { status, body } = await call(url, '/v1/validate', { body: {}, headers: keyHeaders() });
  refuseUnauthorised(url, status, body);
}

function refuseUnauthorised(url: string, status: number, body: unknown): void {
  if (status !== 401 && status !== 403) return;
  const problem = Problem.safeParse(body);
  const must = process.env[KEY_VARIABLE] ? `${KEY_VARIABLE} must be` : `Set ${KEY_VARIABLE} to`;
  throw new UserError(
    `${url} does not let this command predict (${status}): ${problem.data?.detail ?? 'it does not say why.'} ${must} an API key of that environment with the scope "predict" (npm run create-key).`,
  );
}

/**
 * Waits until a deployed Worker answers a contract's first example with that version and its outcome. Isolates follow a
 * switch one by one, so several answers in a row must agree. Throws, with the last answer, after the time limit, and at once
 * where the API key does not let it predict.
 */
export async function waitForVersion(
  url: string,
  { name, version, examples, parity, output }: Contract,
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
    const { status, body } = await call(url, '/v1/predict', {
      body: example?.input,
      headers: { ...headers, ...keyHeaders() },
    }).catch((error: UserError) => ({ status: 0, body: error.message }));
    refuseUnauthorised(url, status, body);
    if (status !== 200) return `/v1/predict answered ${status}: ${JSON.stringify(body)}`;
    const answer = Answer.safeParse(body);
    if (!answer.success) return `/v1/predict answered something else: ${JSON.stringify(body)}`;
    const { model } = answer.data;
    if (model.name !== name || model.version !== version) return `it still answers with ${model.name} ${model.version}`;
    const kind = outputKind(output);
    // An outcome has the fields of an expectation, and more.
    const told = AnyExpectation.safeParse(body);
    if (!example || !told.success || kind.expectationDefect(told.data) !== null)
      return `/v1/predict answered something else: ${JSON.stringify(body)}`;
    const [actual, expected] = [kind.rawOf(told.data), kind.rawOf(example)];
    return kind.distance(actual, expected) <= parity.tolerance ? null : `it answers ${actual}, not ${expected}`;
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

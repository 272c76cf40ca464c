import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { sendTo } from './exchange.ts';
import { ValidRequest } from './protocol.ts';
import { count, formatReport } from './report.ts';
import { runCases } from './run-cases.ts';
import { discover } from './subject.ts';

const HELP = `Checks a server of the Open Inference Protocol (version 2, over HTTP) from outside.

  npm run conformance -- --url URL [options]

Options:
  --url URL         where the server is, as in http://127.0.0.1:8787
  --model NAME      the model (default: the one that the server's /v1/model describes)
  --version V       its version (default: the one that the server chooses)
  --request FILE    a request that the model takes, as JSON: {"inputs": [{"name", "datatype", "shape", "data"}, …]}, its
                    data flat (default: the contract's examples or, without a contract, zeros and empty texts)
  --key KEY         an API key, sent as "Authorization: Bearer KEY" (default: the environment's FUTURISYS_API_KEY)
  --json            print the result as JSON
  --help            this text

The exit code is 1 if a case fails. The kit skips a case that does not apply to the server or the model, and says why. The server
answers the valid requests like any others, and may record them.`;

const options = {
  url: { type: 'string' },
  model: { type: 'string' },
  version: { type: 'string' },
  request: { type: 'string' },
  key: { type: 'string' },
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ url, model = null, version = null, request, key = process.env['FUTURISYS_API_KEY'] || null }) => {
    if (url === undefined || !/^https?:/.test(url) || !URL.canParse(url))
      throw new UserError('Say where the server is: --url http://127.0.0.1:8787. See --help.', 2);
    const send = sendTo(url, key);
    const wishes = { model, version, request: request === undefined ? null : await readRequest(request) };
    const subject = await step(
      `asking ${url} about its model`,
      () => reach(url, () => discover(send, key !== null, wishes)),
      ({ metadata: { name }, version: served }) => `${name} ${served ?? ''}`,
    );
    const outcomes = await step('running the cases', () => runCases(subject));
    const counts = count(outcomes);
    if (counts.fail > 0) process.exitCode = 1;
    return { text: formatReport(outcomes), data: { url, ...counts, cases: outcomes } };
  },
);

/** A server that is not there is the user's to mend. */
async function reach<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new UserError(`${url} cannot be reached: ${cause}`);
  }
}

async function readRequest(path: string): Promise<z.infer<typeof ValidRequest>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new UserError(`${path} cannot be read: ${error}`);
  });
  const parsed = ValidRequest.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path} is no inference request:\n${z.prettifyError(parsed.error)}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

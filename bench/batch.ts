import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession } from 'onnxruntime-web/wasm';
import { createClient } from '../client/client.ts';
import type { BatchResult, BatchSummary } from '../common/api/answers.ts';
import type { Contract } from '../common/contract/contract.ts';
import { createMatrixLayout } from '../common/record/tensors.ts';
import { createCsvWriter } from '../common/tables/csv-writer.ts';
import { GROUP_SIZE } from '../common/tables/group-size.ts';
import { toFeeds } from '../onnx/session.ts';
import { commonOptions, runCommand, step, UserError } from '../scripts/lib/cli.ts';
import { type ModelFolder, readModelFolder } from '../scripts/lib/model/model-folder.ts';
import { formatBytes } from '../scripts/lib/text.ts';
import { checkHeld, peakMemory } from './lib/process-memory.ts';

const HELP = `Streams a large CSV file through the batch endpoint of a running npm start, and checks every row that comes back.

  npm run bench:batch [-- options]

Options:
  --url URL    the running API (default http://127.0.0.1:8787)
  --data DIR   its data directory (default .local)
  --rows N     the number of rows to send, at most 100,000 (default 100000)
  --json       print the result as JSON

The rows repeat the contract's golden cases; one in a thousand is wrong on purpose. The report compares the rate with ONNX Runtime
alone on the same rows and machine, and gives the growth of the Worker's memory (Linux). A wrong result ends the run with exit
code 1. So does a growth of more than 64 MiB, because the rows stream.`;

const options = {
  url: { type: 'string', default: 'http://127.0.0.1:8787' },
  data: { type: 'string', default: '.local' },
  rows: { type: 'string', default: '100000' },
} as const;

const MAX_ROWS = 100_000;
/** One row in this many is wrong. */
const WRONG_EVERY = 1000;
/** Rows that are sent first and not timed. */
const WARM_UP_ROWS = 10_000;
/**
 * Half of the 128 MB that Cloudflare gives an isolate: the rest is for the model and other requests. The limit is for memory
 * in use, not for garbage: without a limit on this machine, V8 lets a hundred MB and more of it gather.
 */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ url, data, rows: text }) => {
    const rows = Number(text);
    if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS)
      throw new UserError(`--rows must be from 1 to ${MAX_ROWS}, not "${text}".`, 2);
    const key = (await readFile(join(data, 'api-key'), 'utf8').catch(() => '')).trim();
    const model = await readModelFolder('model');
    const runtimeMs = await step('running the rows through ONNX Runtime alone', () => timeRuntime(model, rows));
    // The first batch loads the model and lets the heap find its size: only the second one's growth counts.
    const warming = await peakMemory(data, 'workerd');
    await step('warming up', () => sendBatch(url, key, model.contract, WARM_UP_ROWS));
    const before = await warming.stop();
    const memory = await peakMemory(data, 'workerd');
    const { summary, ms } = await step(`sending ${rows} rows to ${url}`, () =>
      sendBatch(url, key, model.contract, rows),
    );
    const grown = await memory.stop();
    checkHeld(before, grown, MAX_GROWTH_BYTES);
    const perSecond = Math.round((rows / ms) * 1000);
    return {
      text: [
        `${rows} rows in ${(ms / 1000).toFixed(1)} s: ${perSecond} rows/s; ${summary.refused} refused, each at its line.`,
        `ONNX Runtime alone: ${(runtimeMs / 1000).toFixed(1)} s; the batch took ${(ms / runtimeMs).toFixed(1)} times as long.`,
        `Memory of the Worker's process: ${formatBytes(before.held)} held before, ${formatBytes(grown.held)} at the end; with garbage at most ${formatBytes(grown.peak)}.`,
      ].join('\n'),
      data: { rows, ms, perSecond, runtimeMs, ratio: ms / runtimeMs, memory: { before, during: grown }, summary },
    };
  },
);

/** Sends the rows as CSV while it reads the results. Throws at the first wrong result. */
async function sendBatch(url: string, apiKey: string, contract: Contract, rows: number) {
  const startedAt = performance.now();
  const csv = ReadableStream.from(csvOf(contract, rows)).pipeThrough(new TextEncoderStream());
  let next = 0;
  let summary: BatchSummary | null = null;
  for await (const item of createClient({ url, apiKey }).predictFile(csv, 'text/csv')) {
    if ('summary' in item) summary = item.summary;
    else check(item, contract, next++);
  }
  if (!summary || next !== rows || summary.rows !== rows || summary.stopped)
    throw new UserError(`${next} of ${rows} rows came back; the summary is ${JSON.stringify(summary)}`);
  if (summary.notRecorded > 0) throw new UserError(`${summary.notRecorded} predictions were not recorded.`);
  return { summary, ms: performance.now() - startedAt };
}

function check(result: BatchResult, { golden, features, parity }: Contract, i: number): void {
  const known = golden[i % golden.length];
  const expected = known && 'probability' in known ? known.probability : Number.NaN;
  const right = isWrong(i)
    ? 'problem' in result && result.problem.errors?.[0]?.fields[0] === features[0]?.name
    : 'probability' in result && Math.abs(result.probability - expected) <= parity.tolerance;
  // Line 1 is the header.
  if (!right || result.line !== i + 2) throw new UserError(`Row ${i} came back wrong: ${JSON.stringify(result)}`);
}

function isWrong(i: number): boolean {
  return i % WRONG_EVERY === WRONG_EVERY - 1;
}

function* csvOf({ features, golden }: Contract, rows: number): Generator<string> {
  const names = features.map(({ name }) => name);
  const { header, line } = createCsvWriter(names);
  yield header;
  let text = '';
  for (let i = 0; i < rows; i++) {
    const values = golden[i % golden.length]?.values ?? [];
    const cells = names.map(
      (name, column) => [name, isWrong(i) && column === 0 ? 'wrong' : (values[column] ?? null)] as const,
    );
    text += line(Object.fromEntries(cells));
    if (i % GROUP_SIZE === GROUP_SIZE - 1) {
      yield text;
      text = '';
    }
  }
  yield text;
}

/** Milliseconds that the graph alone takes for the rows, in the same groups. */
async function timeRuntime({ contract, files }: ModelFolder, count: number): Promise<number> {
  const { golden } = contract;
  const session = await InferenceSession.create(files['model.onnx'], { executionProviders: ['wasm'] });
  try {
    const rows = Array.from({ length: GROUP_SIZE }, (_, i) => golden[i % golden.length]?.values ?? []);
    const feeds = toFeeds(createMatrixLayout(contract)(rows));
    await session.run(feeds);
    const startedAt = performance.now();
    for (let done = 0; done < count; done += GROUP_SIZE) await session.run(feeds);
    return performance.now() - startedAt;
  } finally {
    await session.release();
  }
}

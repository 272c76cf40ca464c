import type { BatchEnd, BatchResult, Problem } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { pickOutcome } from '../../common/contract/outputs/outputs.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import { createPacer } from './pacer.ts';
import type { Row } from './rows.ts';

type PredictFile = (file: Blob, signal: AbortSignal) => AsyncIterable<BatchResult | BatchEnd>;
type ReadyRow = Extract<Row, { status: 'ready' }>;

type Options = {
  contract: Contract;
  predictFile: PredictFile;
  signal: AbortSignal;
  /** How many rows have been answered so far. */
  onProgress(answered: number): void;
};

/** How the answer ended; null where it broke off. */
export type Ending = { stopped: Problem | null; notRecorded: number } | null;

/**
 * Predicts the rows that are ready, and puts each answer in its place among `rows`. They are sent in canonical spelling, one
 * line a row: extracts are joined already, and fields that the model does not need stay here.
 */
export async function predictRows(
  rows: Row[],
  { contract, predictFile, signal, onProgress }: Options,
): Promise<Ending> {
  const positions = rows.flatMap(({ status }, i) => (status === 'ready' ? [i] : []));
  const file = await toCsv(contract, rows, positions);
  let answered = 0;
  for await (const item of predictFile(file, signal)) {
    if ('summary' in item) {
      return { stopped: item.summary.stopped ?? null, notRecorded: item.summary.notRecorded };
    }
    // Line 1 is the header.
    const position = positions[item.line - 2];
    const row = position === undefined ? undefined : rows[position];
    if (position !== undefined && row?.status === 'ready') rows[position] = withAnswer(row, item);
    onProgress(++answered);
  }
  return null;
}

function withAnswer({ line, file, identifier, notes, record }: ReadyRow, answer: BatchResult): Row {
  const row = { line, file, identifier };
  if ('problem' in answer) {
    // The page has checked the row by the same rules: this is news, and the API words it in English only.
    const { errors, detail } = answer.problem;
    const refusals = (errors ?? [{ fields: [], detail }]).map((error) => ({
      fields: error.fields,
      message: { fr: error.detail, en: error.detail },
    }));
    return { ...row, status: 'refused', notes: refusals };
  }
  const result = { id: answer.id, ...pickOutcome(answer) };
  return { ...row, notes, record, status: 'predicted', result };
}

async function toCsv(contract: Contract, rows: readonly Row[], positions: readonly number[]): Promise<Blob> {
  const { identifier: who, features } = contract;
  const { header, line } = createCsvWriter([...(who ? [who.name] : []), ...features.map(({ name }) => name)]);
  const pace = createPacer();
  const lines = [header];
  for (const position of positions) {
    const row = rows[position];
    if (row?.status !== 'ready') continue;
    lines.push(line(who ? { ...row.record, [who.name]: row.identifier } : row.record));
    if (lines.length % 500 === 0) await pace();
  }
  return new Blob(lines, { type: 'text/csv' });
}

import type { BatchEnd, BatchResult, BatchSummary, Problem } from '../../common/api/answers.ts';
import { toFieldWarnings } from '../../common/api/prediction-answer.ts';
import { describeProblem, describeRowLimit } from '../../common/api/problems.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { pickOutcome } from '../../common/contract/outputs/outputs.ts';
import type { AnsweredPrediction } from '../../common/history/prediction.ts';
import type { ValidRecord } from '../../common/record/fast-validation.ts';
import type { Validator } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { createCellReader } from '../../common/tables/cells.ts';
import { createCsvRecordReader } from '../../common/tables/csv-records.ts';
import type { SourceRow } from '../../common/tables/source-row.ts';
import { PageError } from '../backend.ts';
import { refusedFile, texts } from './texts.ts';

/** Rows that are predicted together: in between, the page can be used. */
const GROUP = 250;

type Options = {
  file: Blob;
  signal: AbortSignal;
  limits: { maxRows: number; maxBytes: number };
  /** As the summary names it. */
  model: BatchSummary['model'];
  validate: Validator;
  predict(valid: readonly ValidRecord[]): Promise<AnsweredPrediction[]>;
};

/** Predicts a CSV file as POST /v1/predict/batch does. */
export async function* predictFile(
  contract: Contract,
  { file, signal, limits, model, validate, predict }: Options,
): AsyncGenerator<BatchResult | BatchEnd, void, undefined> {
  const rows = await readFile(contract, file, limits.maxBytes);
  const [first] = rows;
  if (first && 'violations' in first && first.fatal) throw new PageError(refusedFile(first));
  const summary: BatchSummary = { rows: 0, predicted: 0, refused: 0, notRecorded: 0, model };

  for (let start = 0; start < rows.length && !signal.aborted; start += GROUP) {
    if (start >= limits.maxRows) {
      summary.stopped = tooManyRows(limits.maxRows);
      break;
    }
    const results = await predictGroup(rows.slice(start, Math.min(start + GROUP, limits.maxRows)), validate, predict);
    for (const result of results) {
      summary.rows++;
      if ('problem' in result) summary.refused++;
      else summary.predicted++;
      yield result;
    }
    // Lets the browser draw the results.
    await new Promise((resolve) => setTimeout(resolve));
  }
  signal.throwIfAborted();
  yield { summary };
}

async function readFile(contract: Contract, file: Blob, maxBytes: number): Promise<SourceRow[]> {
  if (file.size > maxBytes) throw new PageError(texts.tooLarge);
  const reader = createCsvRecordReader(createCellReader(contract));
  return [...reader.push(await decode(file)), ...reader.end()];
}

async function decode(file: Blob): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    throw error instanceof TypeError ? new PageError(texts.notUtf8, error) : error;
  }
}

async function predictGroup(
  group: readonly SourceRow[],
  validate: Validator,
  predict: Options['predict'],
): Promise<BatchResult[]> {
  const checked = group.map((row) => ('violations' in row ? { ok: false as const, ...row } : validate(row.value)));
  const valid = checked.filter((it) => it.ok);
  const predictions = valid.length > 0 ? await predict(valid) : [];
  let next = 0;
  return group.map(({ line, file }, i) => {
    const place = { line, ...(file !== undefined && { file }) };
    const validation = checked[i];
    const prediction = validation?.ok ? predictions[next++] : undefined;
    if (!prediction) return { ...place, problem: refusal(validation?.ok === false ? validation.violations : []) };
    const { id, identifier, warnings } = prediction;
    return {
      ...place,
      identifier,
      id,
      ...pickOutcome(prediction),
      warnings: toFieldWarnings(warnings),
      recorded: 'off',
    };
  });
}

function refusal(violations: readonly Violation[]): Problem {
  return describeProblem({ code: 'invalid-record', violations });
}

function tooManyRows(maxRows: number): Problem {
  return describeProblem({ code: 'too-many-rows', detail: describeRowLimit(maxRows) });
}

import type { BatchPrediction, BatchResult } from '../../common/api/answers.ts';
import { toFieldWarnings } from '../../common/api/prediction-answer.ts';
import { describeProblem, describeRowLimit, PROBLEMS } from '../../common/api/problems.ts';
import { type Outcome, pickOutcome } from '../../common/contract/outputs/outputs.ts';
import { shorten, type Validation } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { GROUP_SIZE } from '../../common/tables/group-size.ts';
import type { RefusedRow, SourceRow } from '../../common/tables/source-row.ts';
import { zip } from '../../common/zip.ts';
import { ProblemError } from '../errors.ts';
import type { Predictor } from '../ports.ts';
import { predictRecords, type RecordedPrediction, type Row } from './predict-records.ts';
import { beginRun, type PredictionRequest, type PredictionRun, type RunContext } from './run.ts';

/** A row of a batch, and what the contract says of it. */
export type CheckedRow = SourceRow<Validation>;

/** How many groups are predicted at the same time, each waiting for its recording. */
const RECORDED_TOGETHER = 4;

/**
 * Predicts the rows of a batch, and yields the result of every row, in order, in groups. An invalid row does not keep the others
 * from being predicted. A failure of the source, or `too-many-rows`, is thrown only after the results of all rows before it:
 * these are recorded, and their ids must not be lost.
 */
export async function* predictBatch(
  predictor: Predictor,
  rows: AsyncIterable<CheckedRow[]>,
  request: PredictionRequest,
  context: RunContext & { maxRows: number },
): AsyncGenerator<BatchResult[], void, undefined> {
  let run: Promise<PredictionRun> | undefined;
  const predict = async (group: readonly Row[]) => {
    // Not before there is a row to predict: a file that is refused must not use up its Idempotency-Key.
    run ??= beginRun(request, predictor, context);
    return predictRecords(await run, predictor, group);
  };
  // Without recording nothing is awaited: more groups would only fill the memory.
  const inFlight = context.records ? RECORDED_TOGETHER : 1;
  const pending: Promise<BatchResult[]>[] = [];
  let start = 0;
  try {
    for await (const group of inGroups(rows, context.maxRows)) {
      const results = predictGroup(group, start, predict);
      // Each is awaited in its turn; one that fails before must not count as unhandled.
      results.catch(() => undefined);
      pending.push(results);
      start += group.length;
      if (pending.length >= inFlight) yield* settled(pending.splice(0, 1));
    }
  } catch (error) {
    yield* settled(pending);
    throw error;
  }
  yield* settled(pending);
}

async function* settled<T>(promises: Promise<T>[]): AsyncGenerator<T, void, undefined> {
  for (const promise of promises) yield await promise;
}

/** Throws what ends the source, once all rows before it were yielded. */
async function* inGroups(
  source: AsyncIterable<CheckedRow[]>,
  maxRows: number,
): AsyncGenerator<CheckedRow[], void, undefined> {
  let group: CheckedRow[] = [];
  const admit = createAdmission(maxRows);
  try {
    for await (const rows of source) {
      for (const row of rows) {
        admit(row);
        group.push(row);
        if (group.length < GROUP_SIZE) continue;
        yield group;
        group = [];
      }
    }
  } catch (error) {
    if (group.length > 0) yield group;
    throw error;
  }
  if (group.length > 0) yield group;
}

/** Takes each row in turn; throws at the one that ends the batch. */
function createAdmission(maxRows: number): (row: CheckedRow) => void {
  let count = 0;
  return (row) => {
    if ('violations' in row && row.fatal) throw toSourceProblem(row);
    if (++count > maxRows) throw new ProblemError('too-many-rows', { detail: describeRowLimit(maxRows) });
  };
}

/** How many violations of one rule are named for a row, the others are counted: an answer must not dwarf what was asked. */
const NAMED_A_ROW = 5;

const COLUMN_RULES = ['required', 'unknown-field', 'given-once'];

/** The problem of a row that ends its source. */
function toSourceProblem({ violations, line, file }: RefusedRow): ProblemError {
  const rules = new Set(violations.map(({ rule }) => rule));
  const code = rules.has('extract')
    ? 'invalid-multipart'
    : COLUMN_RULES.some((rule) => rules.has(rule))
      ? 'invalid-columns'
      : 'invalid-csv';
  const place = [...(file === undefined ? [] : [file]), ...(line > 0 ? [`line ${line}`] : [])].join(', ');
  const detail = `${PROBLEMS[code].detail}${place && ` Nothing is read beyond ${place}: see "errors".`}`;
  return new ProblemError(code, { violations, detail });
}

async function predictGroup(
  group: readonly CheckedRow[],
  start: number,
  predict: (rows: readonly Row[]) => Promise<RecordedPrediction[]>,
): Promise<BatchResult[]> {
  const results: BatchResult[] = [];
  const rows: (Row & { place: Place })[] = [];
  for (const [i, row] of group.entries()) {
    if ('violations' in row) results[i] = toRefusal(row, row.violations);
    else if (!row.value.ok) results[i] = toRefusal(row, row.value.violations);
    else rows.push({ row: start + i, valid: row.value, place: row });
  }
  if (rows.length > 0) {
    zip(rows, await predict(rows), ({ row, place }, predicted) => {
      results[row - start] = toResult(place, predicted);
    });
  }
  return results;
}

type Place = { line: number; file?: string };

function toRefusal({ line, file }: Place, violations: Violation[]): BatchResult {
  const problem = describeProblem({ code: 'invalid-record', violations: shorten(violations, NAMED_A_ROW) });
  return { line, ...(file !== undefined && { file }), problem };
}

function toResult({ line, file }: Place, { prediction, recorded }: RecordedPrediction): BatchResult {
  const { id, identifier, warnings, missing } = prediction;
  const outcome: Outcome = prediction;
  const place = file === undefined ? { line } : { line, file };
  const told = toFieldWarnings(warnings);
  // One by one: copying an outcome takes workerd several times as long.
  const result: BatchPrediction =
    'threshold' in outcome
      ? {
          ...place,
          identifier,
          id,
          label: outcome.label,
          probability: outcome.probability,
          threshold: outcome.threshold,
          risk: outcome.risk,
          warnings: told,
          recorded,
        }
      : { ...place, identifier, id, ...pickOutcome(outcome), warnings: told, recorded };
  return missing ? { ...result, missing: [...missing] } : result;
}

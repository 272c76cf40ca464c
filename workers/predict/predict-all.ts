import type { Validator } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { GROUP_SIZE } from '../../common/tables/group-size.ts';
import { ProblemError } from '../errors.ts';
import type { Predictor } from '../ports.ts';
import { predictRecords, type RecordedPrediction, type Row } from './predict-records.ts';
import { beginRun, type PredictionRequest, type RunContext } from './run.ts';

/** All rows are held in memory, as sent, as records and as predictions: some 20 MB. A batch streams, and takes more. */
const MAX_ROWS = 10_000;
/** How many faults an error names. The others are counted. */
const SHOWN_FAULTS = 10;

/**
 * Predicts all records of a request, in order, for protocols that cannot refuse a single record. One invalid record refuses the
 * request before any is predicted. The error counts rows from 0. `checkRowCount` comes first.
 */
export async function predictAll(
  predictor: Predictor,
  records: readonly unknown[],
  request: PredictionRequest,
  context: RunContext,
): Promise<RecordedPrediction[]> {
  const rows = validateAll(records, predictor.validate);
  const run = await beginRun(request, predictor, context);
  const predicted: RecordedPrediction[] = [];
  for (let start = 0; start < rows.length; start += GROUP_SIZE) {
    predicted.push(...(await predictRecords(run, predictor, rows.slice(start, start + GROUP_SIZE))));
  }
  return predicted;
}

/** Throws `too-many-rows` beyond what `predictAll` takes, or beyond `maxRows`. */
export function checkRowCount(count: number, maxRows: number): void {
  const most = Math.min(maxRows, MAX_ROWS);
  if (count <= most) return;
  throw new ProblemError('too-many-rows', {
    detail: `A request may have at most ${most} rows, and this one has ${count}.`,
  });
}

/** Throws one `invalid-record` for all records that are not valid. */
function validateAll(records: readonly unknown[], validate: Validator): Row[] {
  const rows: Row[] = [];
  const shown: string[] = [];
  let faults = 0;
  for (const [row, record] of records.entries()) {
    const valid = validate(record);
    if (valid.ok) {
      rows.push({ row, valid });
      continue;
    }
    faults += valid.violations.length;
    for (const violation of valid.violations.slice(0, SHOWN_FAULTS - shown.length)) {
      shown.push(describeFault(row, violation));
    }
  }
  if (faults === 0) return rows;
  const others = faults > shown.length ? ` And ${faults - shown.length} more.` : '';
  throw new ProblemError('invalid-record', { detail: `${shown.join(' ')}${others}` });
}

/** One fault, as in "Row 2, age (minimum): Must be at least 18 years." */
function describeFault(row: number, { fields, rule, message }: Violation): string {
  const where = [`Row ${row}`, ...(fields.length > 0 ? [fields.join(' and ')] : [])].join(', ');
  return `${where} (${rule}): ${message.en}`;
}

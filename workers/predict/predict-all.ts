import type { Context } from 'hono';
import type { Validator } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { GROUP } from '../../common/tables/group.ts';
import { ProblemError } from '../errors.ts';
import { countRequest } from '../middleware/authorise.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { Predictor } from '../ports.ts';
import type { Services } from '../services.ts';
import { beginMaking } from './idempotency.ts';
import { type Made, makePredictions, type Row } from './make-predictions.ts';

/** All rows are held in memory, as they came, as records and as predictions: some 20 MB. A batch streams, and takes more. */
const MAX_ROWS = 10_000;
/** A request of more rows counts as a batch for whoever asks too often. */
const SINGLE_ROWS = 100;
/** How many faults an error names; the others are counted. */
const SHOWN_FAULTS = 10;

type Sent = { idempotencyKey: string | null; body: Uint8Array<ArrayBuffer> };

/**
 * Predicts all records of a request, in order, for protocols that know no refusal of a single record: one that is not valid
 * refuses the request, before any is predicted. The error counts rows from 0.
 */
export async function predictAll(
  context: Context<AppEnv>,
  predictor: Predictor,
  { idempotencyKey, body }: Sent,
  records: readonly unknown[],
): Promise<Made[]> {
  const [event, services] = [context.get('event'), context.get('services')];
  event.modelVersion = predictor.contract.version;
  event.rows = records.length;
  checkRowCount(records.length, services.batch);
  if (records.length > SINGLE_ROWS) await countRequest(context, services.batchLimit, context.get('caller').keyId);
  const rows = orRefuse(records, predictor.validate);
  const making = await beginMaking(context, idempotencyKey, body, predictor.contract);
  const made: Made[] = [];
  for (let start = 0; start < rows.length; start += GROUP) {
    made.push(...(await makePredictions(context, predictor, making, rows.slice(start, start + GROUP))));
  }
  return made;
}

/** Throws `too-many-rows` beyond what `predictAll` takes. */
export function checkRowCount(count: number, { maxRows }: Services['batch']): void {
  const most = Math.min(maxRows, MAX_ROWS);
  if (count <= most) return;
  throw new ProblemError('too-many-rows', {
    detail: `A request may have at most ${most} rows, and this one has ${count}.`,
  });
}

function orRefuse(records: readonly unknown[], validate: Validator): Row[] {
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

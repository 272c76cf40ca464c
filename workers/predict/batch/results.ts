import type { BatchResult } from '../../../common/api/answers.ts';
import type { Violation } from '../../../common/record/violation.ts';
import { GROUP } from '../../../common/tables/group.ts';
import { describeProblem, ProblemError } from '../../errors.ts';
import { toFieldWarnings } from '../describe-prediction.ts';
import type { Made, Row } from '../make-predictions.ts';
import { type CheckedRow, refuse, tooManyRows } from './source.ts';

type Limits = {
  maxRows: number;
  /** How many groups are made at the same time: more than one only where each waits for its recording. */
  inFlight: number;
};

type Make = (rows: readonly Row[]) => Promise<Made[]>;

/**
 * The result of every row, in order, in groups. A row that is refused does not keep the others from being predicted. Throws
 * what ends the source early, and `too-many-rows` beyond `maxRows`, but only after the results of all rows before it: they
 * were recorded, and their ids must not be lost.
 */
export async function* predictSource(
  source: AsyncIterable<CheckedRow[]>,
  make: Make,
  { maxRows, inFlight }: Limits,
): AsyncGenerator<BatchResult[], void, undefined> {
  const pending: Promise<BatchResult[]>[] = [];
  let start = 0;
  try {
    for await (const group of inGroups(source, maxRows)) {
      const results = predictGroup(group, start, make);
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
        if (group.length < GROUP) continue;
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
    if ('violations' in row && row.fatal) throw refuse(row);
    if (++count > maxRows) throw tooManyRows(maxRows);
  };
}

async function predictGroup(group: readonly CheckedRow[], start: number, make: Make): Promise<BatchResult[]> {
  const valid: Row[] = [];
  for (const [i, row] of group.entries()) {
    if ('value' in row && row.value.ok) valid.push({ row: start + i, valid: row.value });
  }
  const made = valid.length > 0 ? await make(valid) : [];
  let next = 0;
  return group.map((row) => {
    const violations = violationsOf(row);
    return violations ? toRefusal(row, violations) : toResult(row, made[next++]);
  });
}

/** Why a row is not predicted; null for one that is. */
function violationsOf(row: CheckedRow): Violation[] | null {
  if ('violations' in row) return row.violations;
  return row.value.ok ? null : row.value.violations;
}

type Place = { line: number; file?: string };

function toRefusal({ line, file }: Place, violations: Violation[]): BatchResult {
  const problem = describeProblem(new ProblemError('invalid-record', { violations }));
  return { line, ...(file !== undefined && { file }), problem };
}

function toResult({ line, file }: Place, made: Made | undefined): BatchResult {
  if (!made) throw new Error('a row was not predicted');
  const { prediction, recorded } = made;
  const { id, identifier, label, probability, threshold, risk, warnings } = prediction;
  return {
    ...(file === undefined ? { line } : { line, file }),
    identifier,
    id,
    label,
    probability,
    threshold,
    risk,
    warnings: toFieldWarnings(warnings),
    recorded,
  };
}

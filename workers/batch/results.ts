import type { BatchResult } from '../../common/answers.ts';
import type { SourceRow } from '../../common/source-row.ts';
import type { Violation } from '../../common/violation.ts';
import { toFieldWarnings } from '../describe-prediction.ts';
import { describeProblem, ProblemError } from '../errors.ts';
import { GROUP, type Made, type Row } from '../make-predictions.ts';
import type { Predictor } from '../ports.ts';
import { refuse, tooManyRows } from './source.ts';

/** Groups whose recording is waited for at the same time. */
const IN_FLIGHT = 4;

type Make = (rows: readonly Row[]) => Promise<Made[]>;

/**
 * The result of every row, in order, in groups. A row that is refused does not keep the others from being predicted. Throws
 * what ends the source early, and `too-many-rows` beyond `maxRows`, but only after the results of all rows before it: they
 * were recorded, and their ids must not be lost.
 */
export async function* predictSource(
  source: AsyncIterable<SourceRow[]>,
  { validate }: Predictor,
  make: Make,
  maxRows: number,
): AsyncGenerator<BatchResult[], void, undefined> {
  const pending: Promise<BatchResult[]>[] = [];
  let start = 0;
  try {
    for await (const group of inGroups(source, maxRows)) {
      const results = predictGroup(group, start, validate, make);
      // Each is awaited in its turn; one that fails before must not count as unhandled.
      results.catch(() => undefined);
      pending.push(results);
      start += group.length;
      if (pending.length >= IN_FLIGHT) yield* settled(pending.splice(0, 1));
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
  source: AsyncIterable<SourceRow[]>,
  maxRows: number,
): AsyncGenerator<SourceRow[], void, undefined> {
  let group: SourceRow[] = [];
  try {
    for await (const row of rowsOf(source, maxRows)) {
      group.push(row);
      if (group.length < GROUP) continue;
      yield group;
      group = [];
    }
  } catch (error) {
    if (group.length > 0) yield group;
    throw error;
  }
  if (group.length > 0) yield group;
}

async function* rowsOf(source: AsyncIterable<SourceRow[]>, maxRows: number): AsyncGenerator<SourceRow> {
  let count = 0;
  for await (const rows of source) {
    for (const row of rows) {
      if ('violations' in row && row.fatal) throw refuse(row);
      if (++count > maxRows) throw tooManyRows(maxRows);
      yield row;
    }
  }
}

async function predictGroup(
  group: readonly SourceRow[],
  start: number,
  validate: Predictor['validate'],
  make: Make,
): Promise<BatchResult[]> {
  const valid: Row[] = [];
  const refused = new Map<number, Violation[]>();
  for (const [i, row] of group.entries()) {
    const outcome = 'violations' in row ? { ok: false as const, violations: row.violations } : validate(row.value);
    if (outcome.ok) valid.push({ row: start + i, valid: outcome });
    else refused.set(i, outcome.violations);
  }
  const made = valid.length > 0 ? await make(valid) : [];
  let next = 0;
  return group.map(({ line, file }, i) => {
    const place = { line, ...(file !== undefined && { file }) };
    const violations = refused.get(i);
    if (violations) return { ...place, problem: describeProblem(new ProblemError('invalid-record', { violations })) };
    const answered = made[next++];
    if (!answered) throw new Error('a row was not predicted');
    const { prediction, recorded } = answered;
    const { id, identifier, label, probability, threshold, risk, warnings } = prediction;
    return {
      ...place,
      identifier,
      id,
      label,
      probability,
      threshold,
      risk,
      warnings: toFieldWarnings(warnings),
      recorded,
    };
  });
}

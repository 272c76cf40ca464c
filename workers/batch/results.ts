import type { BatchResult } from '../../common/answers.ts';
import type { RefusedRow, SourceRow } from '../../common/source-row.ts';
import type { Violation } from '../../common/violation.ts';
import { toFieldWarnings } from '../describe-prediction.ts';
import { describeProblem, ProblemError } from '../errors.ts';
import type { Made, Row } from '../make-predictions.ts';
import type { Predictor } from '../ports.ts';
import { refuse } from './source.ts';

/** Rows that are predicted together: their predictions fill about two messages of the queue. */
const GROUP = 250;
/** Groups whose recording is waited for at the same time. */
const IN_FLIGHT = 4;

type Make = (rows: readonly Row[]) => Promise<Made[]>;

/**
 * The result of every row, in order, in groups. A row that is refused does not keep the others from being predicted. Throws
 * the problem of a source that is refused as a whole, and `too-many-rows` beyond `maxRows`.
 */
export async function* predictSource(
  source: AsyncIterable<SourceRow[]>,
  { validate }: Predictor,
  make: Make,
  maxRows: number,
): AsyncGenerator<BatchResult[], void, undefined> {
  const pending: Promise<BatchResult[]>[] = [];
  let start = 0;
  for await (const group of inGroups(source)) {
    const [first] = group;
    if (start === 0 && first && isFatal(first)) throw refuse(first);
    if (start + group.length > maxRows) {
      yield* settled(pending);
      throw new ProblemError('too-many-rows', { detail: `A batch may have at most ${maxRows} rows.` });
    }
    pending.push(predictGroup(group, start, validate, make));
    start += group.length;
    if (pending.length >= IN_FLIGHT) yield* settled(pending.splice(0, 1));
  }
  yield* settled(pending);
}

async function* settled<T>(promises: Promise<T>[]): AsyncGenerator<T, void, undefined> {
  // Each is awaited in its turn; one that fails before must not count as unhandled.
  for (const promise of promises) promise.catch(() => undefined);
  for (const promise of promises) yield await promise;
}

async function* inGroups(source: AsyncIterable<SourceRow[]>): AsyncGenerator<SourceRow[], void, undefined> {
  let group: SourceRow[] = [];
  for await (const rows of source) {
    for (const row of rows) {
      group.push(row);
      if (group.length < GROUP) continue;
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
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

function isFatal(row: SourceRow): row is RefusedRow {
  return 'violations' in row && row.fatal === true;
}

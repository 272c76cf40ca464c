import type { Recorded } from '../common/answers.ts';
import type { ValidRecord } from '../common/good-record.ts';
import type { AnsweredPrediction } from '../common/prediction.ts';
import { toRecord } from '../common/request-schema.ts';
import { describePredictions } from './describe-prediction.ts';
import { ProblemError } from './errors.ts';
import type { Making } from './idempotency.ts';
import type { Caller } from './middleware/services.ts';
import type { Predictor } from './ports.ts';
import type { Services } from './services.ts';

/** A record that was validated, and its position in the request, from 0. */
export type Row = { row: number; valid: ValidRecord };

export type Made = { prediction: AnsweredPrediction; recorded: Recorded };

/**
 * Predicts records, in order, and has the predictions recorded. Those that another model made of the same request before are
 * answered as they were recorded; what never was, is made now, under the same ids.
 */
export async function makePredictions(
  context: { services: Services; caller: Caller },
  predictor: Predictor,
  making: Making,
  rows: readonly Row[],
): Promise<Made[]> {
  const all = rows.map((row) => ({ ...row, id: making.idOf(row.row) }));
  const earlier = await making.earlier?.recall(all.map(({ id }) => id));
  if (!earlier) return makeNew(context, predictor, making.at, all);
  const missing = all.filter(({ id }) => !earlier.has(id));
  if (missing.length > 0 && !making.earlier?.isSettled) throw new ProblemError('idempotency-not-settled');
  const made = await makeNew(context, predictor, making.at, missing);
  const recalled = [...earlier.values()].map((prediction): Made => ({ prediction, recorded: 'stored' }));
  const byId = new Map([...recalled, ...made].map((it) => [it.prediction.id, it]));
  return all.map(({ id }) => byId.get(id) ?? fail(id));
}

async function makeNew(
  { services: { records }, caller }: { services: Services; caller: Caller },
  predictor: Predictor,
  at: Date,
  rows: readonly (Row & { id: string })[],
): Promise<Made[]> {
  if (rows.length === 0) return [];
  const { contract, predict } = predictor;
  const probabilities = await predict(rows.map(({ valid }) => valid.values));
  const describe = describePredictions(contract, { at, keyId: caller.keyId });
  const predictions = rows.map(({ id, valid }, i) => describe(id, valid, probabilities[i] ?? fail(id)));
  const recorded = await records?.log.record(
    predictions.map((prediction, i) => ({ ...prediction, input: toRecord(contract, rows[i]?.valid.values ?? []) })),
  );
  return predictions.map((prediction, i) => ({ prediction, recorded: recorded?.[i] ?? 'off' }));
}

function fail(id: string): never {
  throw new Error(`nothing was predicted under ${id}`);
}

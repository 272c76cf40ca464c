import type { Context } from 'hono';
import type { Recorded } from '../../common/api/answers.ts';
import type { AnsweredPrediction } from '../../common/history/prediction.ts';
import type { ValidRecord } from '../../common/record/fast-validation.ts';
import { toRecord } from '../../common/record/request-schema.ts';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { Predictor } from '../ports.ts';
import { describePredictions } from './describe-prediction.ts';
import type { Making } from './idempotency.ts';

/** A record that was validated, and its position in the request, from 0. */
export type Row = { row: number; valid: ValidRecord };

export type Made = { prediction: AnsweredPrediction; recorded: Recorded };

/**
 * Predicts records, in order, and has the predictions recorded. Those that another model made of the same request before are
 * answered as they were recorded; what never was, is made now, under the same ids.
 */
export async function makePredictions(
  context: Context<AppEnv>,
  predictor: Predictor,
  making: Making,
  rows: readonly Row[],
): Promise<Made[]> {
  const { earlier } = making;
  if (!earlier) return makeNew(context, predictor, making, rows);
  const ids = rows.map(({ row }) => making.idOf(row));
  const recalled = await earlier.recall(ids);
  const missing = rows.filter((_, i) => !recalled.has(ids[i] ?? ''));
  if (missing.length > 0 && !earlier.isSettled) throw new ProblemError('idempotency-not-settled');
  const made = await makeNew(context, predictor, making, missing);
  const stored = [...recalled.values()].map((prediction): Made => ({ prediction, recorded: 'stored' }));
  const byId = new Map([...stored, ...made].map((it) => [it.prediction.id, it]));
  return ids.map((id) => byId.get(id) ?? fail(id));
}

async function makeNew(
  context: Context<AppEnv>,
  { contract, predict }: Predictor,
  { at, idOf }: Making,
  rows: readonly Row[],
): Promise<Made[]> {
  if (rows.length === 0) return [];
  // Before anything is waited for: new ids ascend with the rows, also those of groups that are made at the same time.
  const ids = rows.map(({ row }) => idOf(row));
  const probabilities = await predict(rows.map(({ valid }) => valid.values));
  const describe = describePredictions(contract, { at, keyId: context.get('caller').keyId });
  const predictions = ids.map((id, i) => describe(id, rows[i]?.valid ?? fail(id), probabilities[i] ?? fail(id)));
  const recorded = await context
    .get('services')
    .records?.log.record(
      predictions.map((prediction, i) => ({ ...prediction, input: toRecord(contract, rows[i]?.valid.values ?? []) })),
    );
  return predictions.map((prediction, i) => ({ prediction, recorded: recorded?.[i] ?? 'off' }));
}

function fail(id: string): never {
  throw new Error(`nothing was predicted under ${id}`);
}

import type { Recorded } from '../common/answers.ts';
import type { Prediction } from '../common/prediction.ts';
import { toPrediction, type ValidRecord } from './describe-prediction.ts';
import { ProblemError } from './errors.ts';
import type { Making } from './idempotency.ts';
import type { Caller } from './middleware/services.ts';
import type { Predictor } from './ports.ts';
import type { Services } from './services.ts';

/** A record that was validated, and its position in the request, from 0. */
export type Row = { row: number; valid: ValidRecord };
export type Made = { prediction: Prediction; recorded: Recorded };

/** Predicts records, in order, and has the predictions recorded. */
export async function makePredictions(
  { services: { records }, caller }: { services: Services; caller: Caller },
  predictor: Predictor,
  making: Making,
  rows: readonly Row[],
): Promise<Made[]> {
  const ids = rows.map(({ row }) => making.idOf(row));
  if (making.recall) return recall(await making.recall(ids), ids);

  const probabilities = await predictor.predict(rows.map(({ valid }) => valid.record));
  const predictions = rows.map(({ valid }, i) => {
    const [id, probability] = [ids[i], probabilities[i]];
    if (id === undefined || probability === undefined) throw new Error('the graph answered too few probabilities');
    return toPrediction({ id, at: making.at, keyId: caller.keyId }, predictor.contract, valid, probability);
  });
  const recorded = await records?.log.record(predictions);
  return predictions.map((prediction, i) => ({ prediction, recorded: recorded?.[i] ?? 'off' }));
}

function recall(stored: ReadonlyMap<string, Prediction>, ids: readonly string[]): Made[] {
  return ids.map((id) => {
    const prediction = stored.get(id);
    if (!prediction) throw new ProblemError('idempotency-not-settled');
    return { prediction, recorded: 'queued' };
  });
}

import type { Recorded } from '../../common/api/answers.ts';
import { describePredictions, toAnsweredPrediction } from '../../common/api/prediction-answer.ts';
import type { AnsweredPrediction } from '../../common/history/prediction.ts';
import type { ValidRecord } from '../../common/record/fast-validation.ts';
import { toRecord } from '../../common/record/request-schema.ts';
import { zip } from '../../common/zip.ts';
import { orThrow, ProblemError } from '../errors.ts';
import type { Predictor } from '../ports.ts';
import { beginRun, type PredictionRequest, type PredictionRun, type RunContext } from './run.ts';

/** A valid record, and its position in the request, from 0. */
export type Row = { row: number; valid: ValidRecord };

/** A prediction, and what became of its record. */
export type RecordedPrediction = { prediction: AnsweredPrediction; recorded: Recorded };

/** Predicts the one record of a request. Throws `invalid-record` before the run begins. */
export async function predictRecord(
  predictor: Predictor,
  record: unknown,
  request: PredictionRequest,
  context: RunContext,
): Promise<RecordedPrediction> {
  const valid = orThrow(predictor.validate(record), 'invalid-record');
  const run = await beginRun(request, predictor, context);
  const [predicted] = await predictRecords(run, predictor, [{ row: 0, valid }]);
  if (!predicted) throw new Error('a run of one record made no prediction');
  return predicted;
}

/**
 * Predicts some records of a run, in ascending order of their rows, and records the predictions. Where another model answered
 * the same request before, its stored predictions are the answer; only those that were never stored are made now.
 */
export async function predictRecords(
  run: PredictionRun,
  predictor: Predictor,
  rows: readonly Row[],
): Promise<RecordedPrediction[]> {
  const { earlier } = run;
  if (!earlier) return predictNew(run, predictor, rows);
  const recalled = await earlier.recall(rows.map(({ row }) => run.idOf(row)));
  const missing = rows.filter(({ row }) => !recalled.has(run.idOf(row)));
  if (missing.length > 0 && !earlier.isSettled) throw new ProblemError('idempotency-not-settled');
  const stored = Array.from(
    recalled.values(),
    (prediction): RecordedPrediction => ({ prediction: toAnsweredPrediction(prediction), recorded: 'stored' }),
  );
  // Ids ascend with the rows.
  return [...stored, ...(await predictNew(run, predictor, missing))].sort((a, b) =>
    a.prediction.id < b.prediction.id ? -1 : 1,
  );
}

async function predictNew(
  run: PredictionRun,
  { contract, contractSha256, predict }: Predictor,
  rows: readonly Row[],
): Promise<RecordedPrediction[]> {
  if (rows.length === 0) return [];
  // Ids are given before the first await, so that they ascend with the rows even where groups are predicted at the same time.
  const pending = rows.map(({ row, valid }) => ({ id: run.idOf(row), valid }));
  const outputs = await predict(rows.map(({ valid }) => valid.values));
  const describe = describePredictions(contract, contractSha256, run);
  const predictions = zip(pending, outputs, ({ id, valid }, raw) => describe(id, valid, raw));
  if (!run.log) return predictions.map((prediction) => ({ prediction, recorded: 'off' }));
  const recorded = await run.log.record(
    zip(predictions, rows, (prediction, { valid }) => ({ ...prediction, input: toRecord(contract, valid.values) })),
  );
  return zip(predictions, recorded, (prediction, it) => ({ prediction, recorded: it }));
}

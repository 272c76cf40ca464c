import { Hono } from 'hono';
import { toPredictAnswer } from '../../common/api/prediction-answer.ts';
import type { AppEnv } from '../http/app-env.ts';
import { idempotencyKeyOf, predictionRequestOf } from '../http/idempotency.ts';
import { MAX_RECORD_BYTES, parseJson, readJsonBytes } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import { predictRecord } from '../predict/predict-records.ts';
import { sha256Hex } from '../sha256.ts';
import { useModel } from './use-model.ts';

/** Predicts one record. */
export const predict = new Hono<AppEnv>().post('/v1/predict', allow('predict'), async (context) => {
  const idempotencyKey = idempotencyKeyOf(context);
  const body = await readJsonBytes(context.req.raw, MAX_RECORD_BYTES);
  const record = parseJson(body);
  return useModel(context, null, async (predictor) => {
    context.get('event').rows = 1;
    const request = await predictionRequestOf(context, idempotencyKey, () => sha256Hex(body));
    const { prediction, recorded } = await predictRecord(predictor, record, request, context.get('services'));
    return context.json(toPredictAnswer(prediction, recorded));
  });
});

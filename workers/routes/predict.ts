import { Hono } from 'hono';
import type { ValidRecord } from '../../common/record/fast-validation.ts';
import type { Validation } from '../../common/record/validation.ts';
import { ProblemError } from '../errors.ts';
import { MAX_RECORD_BYTES, parseJson, readJsonBytes } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import type { AppEnv } from '../middleware/services.ts';
import { toPredictAnswer } from '../predict/describe-prediction.ts';
import { beginMaking, idempotencyKeyOf } from '../predict/idempotency.ts';
import { makePredictions } from '../predict/make-predictions.ts';

export const predict = new Hono<AppEnv>().post('/v1/predict', allow('predict'), async (context) => {
  const event = context.get('event');
  const idempotencyKey = idempotencyKeyOf(context);
  const body = await readJsonBytes(context.req.raw, MAX_RECORD_BYTES);
  const record = parseJson(body);
  return context.get('services').models.use(async (predictor) => {
    event.modelVersion = predictor.contract.version;
    event.rows = 1;
    const valid = orRefuse(predictor.validate(record));
    const making = await beginMaking(context, idempotencyKey, body, predictor.contract);
    const [made] = await makePredictions(context, predictor, making, [{ row: 0, valid }]);
    if (!made) throw new Error('no prediction was made of the record');
    return context.json(toPredictAnswer(made.prediction, made.recorded));
  });
});

function orRefuse(validation: Validation): ValidRecord {
  if (!validation.ok) throw new ProblemError('invalid-record', { violations: validation.violations });
  return validation;
}

import { Hono } from 'hono';
import type { OutcomeRequest } from '../../common/api/answers.ts';
import {
  beforePrediction,
  isBeforePrediction,
  type OutcomeReading,
  readOutcome,
} from '../../common/history/observed-outcome.ts';
import { ProblemError } from '../errors.ts';
import { readJson } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import type { AppEnv } from '../middleware/services.ts';
import { historyOf, idOf } from './predictions-request.ts';

const MAX_BYTES = 4096;

/** Records what really happened. Another outcome later replaces the one before, which stays readable. */
export const outcome = new Hono<AppEnv>().put('/v1/predictions/:id/outcome', allow('write'), async (context) => {
  const [services, caller] = [context.get('services'), context.get('caller')];
  const history = historyOf(context);
  const id = idOf(context);
  const body = await readJson(context.req.raw, MAX_BYTES);
  const [prediction] = await history.findAll([id]);
  if (!prediction) throw new ProblemError('prediction-not-found');
  // Those of the model that predicted: by now another one may serve, which has others.
  const labels = await services.models.labelsOf(prediction.model);
  const today = services.now().toISOString().slice(0, 10);
  const outcome = orRefuse(readOutcome(body, labels, today));
  if (isBeforePrediction(outcome, prediction.createdAt)) {
    throw new ProblemError('invalid-outcome', { violations: [beforePrediction(prediction.createdAt)] });
  }
  const entry = await history.putOutcome(id, outcome, caller.keyId);
  // Erased in between.
  if (!entry) throw new ProblemError('prediction-not-found');
  return context.json(entry);
});

function orRefuse(reading: OutcomeReading): OutcomeRequest {
  if (!reading.ok) throw new ProblemError('invalid-outcome', { violations: reading.violations });
  return reading.outcome;
}

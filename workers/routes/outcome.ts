import { Hono } from 'hono';
import { beforePrediction, isBeforePrediction, readOutcome } from '../../common/history/observed-outcome.ts';
import { orThrow, ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import { readJson } from '../http/read-json.ts';
import { allow } from '../middleware/authorise.ts';
import { historyOf, idOf } from './predictions-request.ts';

const MAX_BYTES = 4096;

/** Records the observed outcome of a prediction. A later outcome replaces it, and both stay readable. */
export const outcome = new Hono<AppEnv>().put('/v1/predictions/:id/outcome', allow('write'), async (context) => {
  const [services, caller] = [context.get('services'), context.get('caller')];
  const history = historyOf(context);
  const id = idOf(context);
  const body = await readJson(context.req.raw, MAX_BYTES);
  const [prediction] = await history.findAll([id]);
  if (!prediction) throw new ProblemError('prediction-not-found');
  // The labels of the version that predicted: another version, with other labels, may serve by now.
  const labels = await services.models.labelsOf(prediction.model);
  const today = services.now().toISOString().slice(0, 10);
  const { outcome } = orThrow(readOutcome(body, labels, today), 'invalid-outcome');
  if (isBeforePrediction(outcome, prediction.createdAt)) {
    throw new ProblemError('invalid-outcome', { violations: [beforePrediction(prediction.createdAt)] });
  }
  const entry = await history.putOutcome(id, outcome, caller.keyId);
  // The prediction was erased meanwhile.
  if (!entry) throw new ProblemError('prediction-not-found');
  return context.json(entry);
});

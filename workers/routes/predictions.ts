import { Hono } from 'hono';
import { validate as isUuid } from 'uuid';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../middleware/services.ts';
import { toPublicWarnings } from '../public-warnings.ts';

export const predictions = new Hono<AppEnv>().get('/v1/predictions/:id', async (context) => {
  const { predictionLog } = context.var.services;
  const id = context.req.param('id');
  if (!predictionLog) throw new ProblemError('history-unavailable');
  if (!isUuid(id)) throw new ProblemError('invalid-id');
  const prediction = await predictionLog.find(id);
  if (!prediction) throw new ProblemError('prediction-not-found');
  return context.json({ ...prediction, warnings: toPublicWarnings(prediction.warnings) });
});

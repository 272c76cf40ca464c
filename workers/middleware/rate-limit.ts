import { createMiddleware } from 'hono/factory';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from './services.ts';

/** Refuses a caller, by address, who predicts more often than the environment allows. Counted in each location. */
export const limitPredictions = createMiddleware<AppEnv>(async (context, next) => {
  const key = context.req.header('cf-connecting-ip') ?? 'unknown';
  const { success } = await context.var.services.predictLimit.limit({ key });
  if (!success) throw new ProblemError('too-many-requests');
  await next();
});

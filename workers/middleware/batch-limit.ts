import { createMiddleware } from 'hono/factory';
import { countRequest } from './authorise.ts';
import type { AppEnv } from './services.ts';

/** Lets a caller pass, who was authorised before, unless it asks too often for what is about many predictions at once. */
export const limitBatches = createMiddleware<AppEnv>(async (context, next) => {
  await countRequest(context, context.get('services').batchLimit, context.get('caller').keyId);
  await next();
});

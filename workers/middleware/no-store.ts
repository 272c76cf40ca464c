import { createMiddleware } from 'hono/factory';

/** For personal data, which no browser and no proxy is to keep. */
export const forbidStoring = createMiddleware(async (context, next) => {
  await next();
  context.header('cache-control', 'no-store');
});

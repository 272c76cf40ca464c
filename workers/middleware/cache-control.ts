import { createMiddleware } from 'hono/factory';

/** For personal data: no browser and no proxy may keep it. */
export const forbidStoring = createMiddleware(async (context, next) => {
  await next();
  context.header('cache-control', 'no-store');
});

/**
 * Keeps the network from compressing answers. Some clients accept compressed answers but do not read all of them: tritonclient's
 * aio fails on errors and metadata. `no-transform` forbids it (https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.6). The local
 * runtime only checks whether there is an encoding already.
 */
export const forbidTransforming = createMiddleware(async (context, next) => {
  await next();
  context.header('cache-control', 'no-cache, no-transform');
  context.header('content-encoding', 'identity');
});

import { createMiddleware } from 'hono/factory';

/**
 * For clients that say that they take compressed answers, and then do not read all of them (tritonclient's aio, for errors and
 * metadata): the network is to compress none. `no-transform` says so (https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.6);
 * the local runtime only looks whether there is an encoding already.
 */
export const forbidTransforming = createMiddleware(async (context, next) => {
  await next();
  context.header('cache-control', 'no-cache, no-transform');
  context.header('content-encoding', 'identity');
});

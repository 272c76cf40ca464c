import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../http/app-env.ts';

const PREFLIGHT_SECONDS = 3600;

const handlersByOrigins = new WeakMap<readonly string[], MiddlewareHandler>();

/** Lets pages of the configured origins call the API from a browser. Keys are sent in headers, never in cookies. */
export const allowOrigins = createMiddleware<AppEnv>(async (context, next) => {
  const { corsOrigins } = context.get('services');
  if (corsOrigins.length === 0) return next();
  const allow = handlersByOrigins.get(corsOrigins) ?? handlerOf(corsOrigins);
  // A preflight request is answered here. For any other, headers come after the answer: set before, they would belong to an
  // empty answer, from which Hono then makes another one.
  if (context.req.method === 'OPTIONS') return allow(context, next);
  await next();
  await allow(context, async () => undefined);
});

function handlerOf(origins: readonly string[]): MiddlewareHandler {
  const handler = cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Accept',
      'Content-Encoding',
      'Idempotency-Key',
      'Inference-Header-Content-Length',
      'Traceparent',
      'X-API-Key',
      'X-Request-Id',
    ],
    exposeHeaders: [
      'X-Request-Id',
      'Retry-After',
      'WWW-Authenticate',
      'Content-Disposition',
      'Inference-Header-Content-Length',
      'X-Notes',
    ],
    maxAge: PREFLIGHT_SECONDS,
  });
  handlersByOrigins.set(origins, handler);
  return handler;
}

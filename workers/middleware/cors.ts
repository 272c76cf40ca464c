import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from './services.ts';

const PREFLIGHT_SECONDS = 3600;

/** Lets pages of the configured origins call the API from a browser. Keys are sent in headers, never in cookies. */
export const allowOrigins = createMiddleware<AppEnv>((context, next) => {
  const { corsOrigins } = context.var.services;
  if (corsOrigins.length === 0) return next();
  return cors({
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
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
    ],
    maxAge: PREFLIGHT_SECONDS,
  })(context, next);
});

import { waitUntil } from 'cloudflare:workers';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { v7 as uuidv7 } from 'uuid';
import type { AppEnv, RequestEvent } from '../http/app-env.ts';
import { logEvent } from '../log.ts';

/** Anything else could not be found in a log, or would forge its lines. */
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** https://www.w3.org/TR/trace-context/#traceparent-header; all zeros is no trace. Later versions may append fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/** Gives every request an id, which the answer repeats, and writes one line about the request once it is done. */
export const logRequests = createMiddleware<AppEnv>(async (context, next) => {
  const given = context.req.header('x-request-id');
  const requestId = given !== undefined && REQUEST_ID.test(given) ? given : uuidv7();
  const event: RequestEvent = {
    requestId,
    traceId: TRACEPARENT.exec(context.req.header('traceparent') ?? '')?.[1] ?? null,
    problem: null,
    modelVersion: null,
    rows: null,
    keyId: null,
    streamed: null,
  };
  context.set('event', event);
  await next();
  context.res.headers.set('x-request-id', requestId);
  const write = () => writeEvent(context, event);
  if (event.streamed) waitUntil(event.streamed.then(write, write));
  else write();
});

function writeEvent(context: Context<AppEnv>, event: RequestEvent): void {
  const { streamed: _, ...fields } = event;
  const { method } = context.req;
  // The pattern, not the address: an address can hold an id or a query about a person.
  const route = routePath(context);
  const { status } = context.res;
  logEvent('info', 'request', { method, route, status, ...fields });
  context.get('services')?.analytics?.writeDataPoint({
    indexes: [route],
    blobs: [method, route, event.problem ?? '', event.modelVersion ?? '', event.keyId ?? ''],
    doubles: [status, event.rows ?? 0],
  });
}

import { createMiddleware } from 'hono/factory';
import type { ErrorForm } from '../http/answer-problem.ts';
import type { RequestEvent } from '../http/request-event.ts';
import { type Services, servicesOf } from '../services.ts';

/** Who asks. `keyId` is null for a caller without an API key. */
export type Caller = { keyId: string | null };

/** `context.get` reads one of the variables; `context.var` copies them all each time. */
export type AppEnv = {
  Bindings: Env;
  Variables: {
    event: RequestEvent;
    services: Services;
    caller: Caller;
    /** How errors are written; unset where they are problems of RFC 9457. */
    errorForm?: ErrorForm;
  };
};

export const provideServices = createMiddleware<AppEnv>(async (context, next) => {
  context.set('services', servicesOf(context.env));
  await next();
});

import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../http/app-env.ts';
import { servicesOf } from '../services.ts';

/** Gives the services of this isolate to the routes. */
export const provideServices = createMiddleware<AppEnv>(async (context, next) => {
  context.set('services', servicesOf(context.env));
  await next();
});

import { createMiddleware } from 'hono/factory';
import { type Services, servicesOf } from '../services.ts';

export type AppEnv = { Bindings: Env; Variables: { services: Services } };

export const provideServices = createMiddleware<AppEnv>(async (context, next) => {
  context.set('services', servicesOf(context.env));
  await next();
});

import { createMiddleware } from 'hono/factory';
import type { ErrorForm } from '../http/answer-problem.ts';
import type { AppEnv } from './services.ts';

/**
 * Has every error under an address answered in the form of its protocol: those of the middleware that follows, unknown
 * addresses and methods included.
 */
export function answerErrorsAs(form: ErrorForm) {
  return createMiddleware<AppEnv>((context, next) => {
    context.set('errorForm', form);
    return next();
  });
}

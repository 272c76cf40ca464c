import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { CATALOGUE, describeProblem } from '../../common/api/problems.ts';
import { causeOf, toProblem } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { AppEnv, ErrorForm } from './app-env.ts';

/** Answers any error, as problem+json or in the form of the route's protocol. Logs what a 5xx hides from the client. */
export function answerProblem(error: Error, context: Context<AppEnv>): Response {
  const problem = toProblem(error);
  const entry = CATALOGUE[problem.code];
  context.get('event').problem = problem.code;
  if (entry.status >= 500) {
    const { requestId } = context.get('event');
    logEvent('error', 'request failed', { requestId, problem: problem.code, cause: causeOf(problem) });
  }
  const headers = {
    ...('retryAfterSeconds' in entry && { 'retry-after': String(entry.retryAfterSeconds) }),
    ...problem.headers,
  };
  const errorForm = context.get('errorForm');
  if (errorForm) {
    const { status, body } = errorForm(problem, entry.status);
    return context.json(body, status, headers);
  }
  return context.body(JSON.stringify(describeProblem(problem)), entry.status, {
    'content-type': 'application/problem+json',
    ...headers,
  });
}

/**
 * Has every error under an address answered in the form of its protocol. That includes the errors of the middleware that
 * follows, unknown addresses and unknown methods.
 */
export function answerErrorsAs(form: ErrorForm) {
  return createMiddleware<AppEnv>((context, next) => {
    context.set('errorForm', form);
    return next();
  });
}

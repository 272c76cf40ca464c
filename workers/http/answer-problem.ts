import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { CATALOGUE, causeOf, describeProblem, type ProblemError, toProblem } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { AppEnv } from '../middleware/services.ts';

/**
 * How another protocol writes an error: its JSON body, and its status where that is not `status`, the problem's own. Set by
 * the middleware `answerErrorsAs`.
 */
export type ErrorForm = (
  problem: ProblemError,
  status: ContentfulStatusCode,
) => { status: ContentfulStatusCode; body: object };

/** Answers any error, as problem+json or in the form of the route's protocol, and logs what a 5xx hides from the client. */
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

import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Violation } from '../common/violation.ts';
import { logEvent } from './log.ts';

type Entry = { status: ContentfulStatusCode; title: string; detail: string; retryAfterSeconds?: number };

/** Every problem that the API answers with. The details are public: what went wrong inside stays in the log. */
const catalogue = {
  'invalid-json': { status: 400, title: 'Invalid JSON', detail: 'The body must be one JSON object, in UTF-8.' },
  'not-found': { status: 404, title: 'Not found', detail: 'There is no such address here.' },
  'prediction-not-found': {
    status: 404,
    title: 'Prediction not found',
    detail: 'No prediction has this id. One that was just made can be read a few seconds later.',
  },
  'history-unavailable': {
    status: 404,
    title: 'No history here',
    detail: 'This environment predicts without recording, so there is no history to read.',
  },
  'method-not-allowed': { status: 405, title: 'Method not allowed', detail: 'This address does not take this method.' },
  'body-too-large': { status: 413, title: 'Body too large', detail: 'The body is larger than what is accepted.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    detail: 'Send the record as JSON, with the header "Content-Type: application/json".',
  },
  'invalid-record': {
    status: 422,
    title: 'Invalid record',
    detail: 'The record does not satisfy the contract of the model: see "errors" for each field and its rule.',
  },
  'invalid-id': { status: 422, title: 'Invalid id', detail: 'The id must be a UUID, as answered with the prediction.' },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    detail: 'More predictions were asked for than this address may have in a minute. Wait, then go on.',
    retryAfterSeconds: 60,
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong here. Try again; if it stays, report the time of the request.',
  },
  misconfigured: {
    status: 503,
    title: 'Service misconfigured',
    detail: 'A setting of this service is missing or wrong; its log says which one.',
  },
  'model-unavailable': {
    status: 503,
    title: 'No model is serving',
    detail: 'No model version could be loaded. Try again in a few seconds.',
    retryAfterSeconds: 5,
  },
  'database-unavailable': {
    status: 503,
    title: 'History unreachable',
    detail: 'The database did not answer. Try again in a few seconds.',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, Entry>;

export type ProblemCode = keyof typeof catalogue;

type Details = { detail?: string; violations?: readonly Violation[]; cause?: unknown };

/** Thrown by whatever cannot go on; answered once, by `answerProblem`. `cause` is for the log alone. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly violations: readonly Violation[];

  constructor(code: ProblemCode, { detail, violations = [], cause }: Details = {}) {
    super(catalogue[code].title, { cause });
    this.name = 'ProblemError';
    this.code = code;
    this.detail = detail ?? catalogue[code].detail;
    this.violations = violations;
  }
}

/** Answers any error as problem+json (RFC 9457), and logs what a 5xx hides from the client. */
export function answerProblem(error: Error, context: Context): Response {
  const problem = error instanceof ProblemError ? error : new ProblemError('internal', { cause: error });
  const { status, title, retryAfterSeconds }: Entry = catalogue[problem.code];
  if (status >= 500) {
    logEvent('error', 'request failed', { problem: problem.code, path: context.req.path, cause: causeOf(problem) });
  }
  const body = {
    type: `/problems/${problem.code}`,
    title,
    status,
    detail: problem.detail,
    ...(problem.violations.length > 0 && { errors: problem.violations.map(toError) }),
  };
  return context.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  });
}

function toError({ fields, rule, message }: Violation) {
  return { fields, rule, detail: message.en };
}

/** The innermost cause: the words of whatever failed first. Wrappers may repeat a statement with its parameters. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : causeOf(error.cause);
}

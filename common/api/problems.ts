import type { Violation } from '../record/violation.ts';
import type { FieldError, Problem } from './answers.ts';

type Entry = { status: number; title: string; detail: string; retryAfterSeconds?: number };

/**
 * Every problem (RFC 9457) that the API answers with, by the last part of its `type`. All of it is public: the
 * internal cause stays in the log.
 */
export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'Invalid JSON', detail: 'The body must be JSON, in UTF-8.' },
  'invalid-csv': {
    status: 400,
    title: 'Invalid CSV',
    detail: 'The body must be CSV, best in UTF-8, with a header line that names the columns.',
  },
  'invalid-multipart': {
    status: 400,
    title: 'Invalid form',
    detail: 'The body must be multipart/form-data with one CSV file for each extract.',
  },
  'invalid-idempotency-key': {
    status: 400,
    title: 'Invalid Idempotency-Key',
    detail: 'An Idempotency-Key is 1 to 255 printable ASCII characters.',
  },
  'idempotency-unavailable': {
    status: 400,
    title: 'No idempotency here',
    detail: 'This environment records nothing, so there is nothing to repeat: leave the header Idempotency-Key out.',
  },
  'missing-key': {
    status: 401,
    title: 'API key required',
    detail: 'Send an API key: "Authorization: Bearer KEY" or "X-API-Key: KEY".',
  },
  'invalid-key': {
    status: 401,
    title: 'Invalid API key',
    detail: 'This API key is not known here, was revoked, or is not complete.',
  },
  'expired-key': { status: 401, title: 'Expired API key', detail: 'This API key has expired: ask for a new one.' },
  'insufficient-scope': {
    status: 403,
    title: 'Not allowed',
    detail: 'This API key may not do this.',
  },
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
  'not-acceptable': {
    status: 406,
    title: 'Not acceptable',
    detail: 'The header Accept names no format that this address answers in.',
  },
  'idempotency-key-reused': {
    status: 409,
    title: 'Idempotency-Key reused',
    detail: 'This Idempotency-Key was sent before with another request: use a new one.',
  },
  'idempotency-not-settled': {
    status: 409,
    title: 'First request not settled',
    detail:
      'The predictions of the first request with this Idempotency-Key are not stored yet, and another model version serves now. Try again in a few seconds.',
    retryAfterSeconds: 5,
  },
  'body-too-large': { status: 413, title: 'Body too large', detail: 'The body is larger than what is accepted.' },
  'too-many-rows': { status: 413, title: 'Too many rows', detail: 'There are more rows than what is accepted.' },
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
  'invalid-columns': {
    status: 422,
    title: 'Invalid columns',
    detail: 'The columns are not those of the contract: see "errors" for each one.',
  },
  'invalid-query': {
    status: 422,
    title: 'Invalid query',
    detail: 'The query is not valid: see "errors" for each parameter and its rule.',
  },
  'invalid-outcome': {
    status: 422,
    title: 'Invalid outcome',
    detail: 'The outcome is not valid: see "errors" for each field and its rule.',
  },
  'invalid-exploration': {
    status: 422,
    title: 'Invalid exploration',
    detail: 'What is to be explored is not valid: see "errors" for each part and its rule.',
  },
  'invalid-id': { status: 422, title: 'Invalid id', detail: 'The id must be a UUID, as answered with the prediction.' },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    detail: 'This caller has asked for more than it may in a minute. Wait, then go on.',
    retryAfterSeconds: 60,
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong here. Try again; if it stays, report the request id (the header X-Request-Id).',
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

export type ProblemCode = keyof typeof PROBLEMS;

/** The problems of requests in another protocol. They are answered in that protocol's form only. */
const PROTOCOL_PROBLEMS = {
  'invalid-request': { status: 400, title: 'Invalid request', detail: 'The body is not what this protocol asks for.' },
} as const satisfies Record<string, Entry>;

/** All problems, by code. */
export const CATALOGUE = { ...PROBLEMS, ...PROTOCOL_PROBLEMS };
export type ErrorCode = keyof typeof CATALOGUE;

/** A problem as it is answered, in the terms of RFC 9457. Without a `detail` it has that of the catalogue. */
export function describeProblem({
  code,
  detail,
  violations = [],
}: {
  code: ErrorCode;
  detail?: string;
  violations?: readonly Violation[];
}): Problem {
  const entry = CATALOGUE[code];
  return {
    type: `/problems/${code}`,
    title: entry.title,
    status: entry.status,
    detail: detail ?? entry.detail,
    ...(violations.length > 0 && { errors: violations.map(toFieldError) }),
  };
}

/** A violation as an answer shows it. */
export function toFieldError({ fields, rule, message }: Violation): FieldError {
  return { fields, rule, detail: message.en };
}

/** The detail of `too-many-rows`, for a batch. */
export function describeRowLimit(maxRows: number): string {
  return `A batch may have at most ${maxRows} rows.`;
}

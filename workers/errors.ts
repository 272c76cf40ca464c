import * as z from 'zod';
import type { FieldError, Problem } from '../common/api/answers.ts';
import { PROBLEMS, PROTOCOL_PROBLEMS } from '../common/api/problems.ts';
import type { Violation } from '../common/record/violation.ts';

export const CATALOGUE = { ...PROBLEMS, ...PROTOCOL_PROBLEMS };
export type ErrorCode = keyof typeof CATALOGUE;

type Details = {
  detail?: string;
  violations?: readonly Violation[];
  /** Sent with the answer. */
  headers?: Record<string, string>;
  cause?: unknown;
};

/** Thrown by whatever cannot go on; answered once, by `answerProblem`. `cause` is for the log alone. */
export class ProblemError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly violations: readonly Violation[];
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, { detail, violations = [], headers = {}, cause }: Details = {}) {
    super(CATALOGUE[code].title, { cause });
    this.name = 'ProblemError';
    this.code = code;
    this.detail = detail ?? CATALOGUE[code].detail;
    this.violations = violations;
    this.headers = headers;
  }
}

/** What anybody may know of an error. */
export function toProblem(error: unknown): ProblemError {
  return error instanceof ProblemError ? error : new ProblemError('internal', { cause: error });
}

/** A problem as it is answered, in the terms of RFC 9457. */
export function describeProblem({ code, detail, violations }: ProblemError): Problem {
  const { status, title } = CATALOGUE[code];
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail,
    ...(violations.length > 0 && { errors: violations.map(toFieldError) }),
  };
}

export function toFieldError({ fields, rule, message }: Violation): FieldError {
  return { fields, rule, detail: message.en };
}

/** The innermost cause: the words of whatever failed first. Wrappers may repeat a statement with its parameters. */
export function causeOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : causeOf(error.cause);
}

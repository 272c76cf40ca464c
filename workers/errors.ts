import * as z from 'zod';
import { CATALOGUE, type ErrorCode } from '../common/api/problems.ts';
import type { Violation } from '../common/record/violation.ts';

type Details = {
  detail?: string;
  violations?: readonly Violation[];
  /** Sent with the answer. */
  headers?: Record<string, string>;
  cause?: unknown;
};

/** Thrown where a request cannot go on. `answerProblem` answers it. `cause` is for the log alone. */
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

/** The public part of an error: an error that is not a problem becomes `internal`. */
export function toProblem(error: unknown): ProblemError {
  return error instanceof ProblemError ? error : new ProblemError('internal', { cause: error });
}

/** Returns a reading that is good. Throws the problem with this code, and the violations, for one that is not. */
export function orThrow<Good extends { ok: true }>(
  reading: Good | { ok: false; violations: Violation[] },
  code: ErrorCode,
): Good {
  if (!reading.ok) throw new ProblemError(code, { violations: reading.violations });
  return reading;
}

/** The message of the innermost cause. The messages of wrappers may repeat a statement with its parameters. */
export function causeOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : causeOf(error.cause);
}

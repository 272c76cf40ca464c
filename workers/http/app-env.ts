import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '../../common/api/problems.ts';
import type { ProblemError } from '../errors.ts';
import type { Services } from '../services.ts';

/** The one log line of a request, written when it is done. Holds no personal data and no secret. */
export type RequestEvent = {
  /** The caller's X-Request-Id, or one made here. */
  requestId: string;
  /** From the caller's W3C `traceparent`; null where there is none. */
  traceId: string | null;
  problem: ErrorCode | null;
  modelVersion: string | null;
  /** How many records were predicted or refused. */
  rows: number | null;
  keyId: string | null;
  /** Settles when a streamed answer has ended. */
  streamed: Promise<void> | null;
};

/** Who asks. `keyId` is null for a caller without an API key. */
type Caller = { keyId: string | null };

/**
 * How another protocol writes an error: its JSON body, and its status, which may differ from `status`, that of the problem.
 */
export type ErrorForm = (
  problem: ProblemError,
  status: ContentfulStatusCode,
) => { status: ContentfulStatusCode; body: object };

/** What Hono's context holds. `context.get` reads one variable; `context.var` copies all of them each time. */
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

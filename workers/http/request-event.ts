import type { ErrorCode } from '../errors.ts';

/** What is logged of one request, in one line, when it is done. Holds no personal data and no secret. */
export type RequestEvent = {
  /** The caller's X-Request-Id, or one made here. */
  requestId: string;
  /** Of the caller's W3C `traceparent`; null where there is none. */
  traceId: string | null;
  problem: ErrorCode | null;
  modelVersion: string | null;
  /** How many records were predicted or refused. */
  rows: number | null;
  keyId: string | null;
  /** Settles when an answer that is streamed has ended. */
  streamed: Promise<void> | null;
};

export type HubErrorCode = 'RepoNotFound' | 'RevisionNotFound' | 'EntryNotFound';

/** A refusal, as the Hub words it: a status, a message in the body and in X-Error-Message, and for some an X-Error-Code. */
export class HubError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** What the body says beside the message. */
  readonly fields: Record<string, string>;

  constructor(
    status: number,
    message: string,
    headers: Record<string, string> = {},
    fields: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.fields = fields;
  }
}

export function notFound(code: HubErrorCode, message: string): HubError {
  return new HubError(404, message, { 'x-error-code': code });
}

export function revisionNotFound(revision: string): HubError {
  return notFound('RevisionNotFound', `Invalid rev id: ${revision}`);
}

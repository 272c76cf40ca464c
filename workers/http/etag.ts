import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';

/** Enough of a digest to tell documents apart. */
const ETAG_DIGITS = 32;

/**
 * Answers with a JSON document that changes with its sha256 alone, or with 304 where the caller has it already
 * (https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match). A caller may keep it, and asks each time whether it still holds.
 */
export function answerDocument(context: Context<AppEnv>, json: string, sha256: string): Response {
  const etag = `"${sha256.slice(0, ETAG_DIGITS)}"`;
  const headers = { etag, 'cache-control': 'no-cache' };
  if (holds(context.req.header('if-none-match'), etag)) return context.body(null, 304, headers);
  return context.body(json, 200, { ...headers, 'content-type': 'application/json' });
}

/** Whether an If-None-Match names the document. A cache that compresses the document makes its ETag weak. */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  const etags = ifNoneMatch?.split(',').map((it) => it.trim().replace(/^W\//, ''));
  return etags?.some((it) => it === '*' || it === etag) ?? false;
}

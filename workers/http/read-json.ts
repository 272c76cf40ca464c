import { ProblemError } from '../errors.ts';
import { isOversized } from './json-structure.ts';
import { mediaTypeOf, readBytes } from './read-body.ts';

/** Even a record of a wide table is far smaller. The prediction must fit in a queue message of 128 KB. */
export const MAX_RECORD_BYTES = 64 * 1024;

const OVERSIZED =
  'The JSON holds more objects, arrays and values than can be read at once: 48 MiB of memory are allowed, at 64 bytes for each object, array and member, and 16 for each other value. Send fewer rows at a time, or a batch as CSV or NDJSON.';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Reads a request's body as JSON of at most `maxBytes`. Throws a problem for any other body. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  return parseJson(await readJsonBytes(request, maxBytes));
}

/** Reads the bytes of a body whose media type is JSON. */
export async function readJsonBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (mediaTypeOf(request) !== 'application/json') throw new ProblemError('unsupported-media-type');
  return readBytes(request, maxBytes);
}

/** Parses JSON in UTF-8. Throws `invalid-json`, and `body-too-large` for what would fill the memory. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw new ProblemError('invalid-json', { detail: 'The body is empty: send JSON.' });
  if (isOversized(bytes)) throw new ProblemError('body-too-large', { detail: OVERSIZED });
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8 text';
    throw new ProblemError('invalid-json', { detail: `The body is not valid JSON: ${reason}.`, cause });
  }
}

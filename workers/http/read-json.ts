import { describeRowLimit } from '../../common/api/problems.ts';
import type { Violation } from '../../common/record/violation.ts';
import { findRepeatedKey, givenTwice, type KeyPath, lacksMembers, repeatedKeys } from '../../common/repeated-keys.ts';
import { ProblemError } from '../errors.ts';
import { isOversized, measureJson } from './json-structure.ts';
import { mediaTypeOf, readBytes } from './read-body.ts';
import { isUtf16 } from './utf16.ts';

/** Even a record of a wide table is far smaller. The prediction must fit in a queue message of 128 KB. */
export const MAX_RECORD_BYTES = 64 * 1024;

/** A body of at most so many bytes takes 1.5 MB when it is parsed, whatever it holds. */
const SMALL_BYTES = 64 * 1024;

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

/**
 * Parses JSON in UTF-8. Throws `invalid-json`, also where an object has a key twice, and `body-too-large` for what would fill the
 * memory.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const { value, text, repeatsKeys } = readJsonText(bytes);
  if (!repeatsKeys) return value;
  const [first] = repeatedKeys(text);
  throw keyGivenTwice(first?.path ?? []);
}

/** As `parseJson`, for an array whose elements are refused one by one. `refusals` has those that repeat a key, by their positions. */
export function parseJsonArray(bytes: Uint8Array, maxLength: number): JsonArray {
  const { value, text, repeatsKeys } = readJsonText(bytes);
  if (!Array.isArray(value))
    throw new ProblemError('invalid-json', { detail: 'A batch in JSON must be an array of records.' });
  if (value.length > maxLength) throw new ProblemError('too-many-rows', { detail: describeRowLimit(maxLength) });
  if (!repeatsKeys) return { items: value, refusals: new Map() };
  const repeated = Array.from(repeatedKeys(text));
  if (repeated.length === 0) throw keyGivenTwice([]);
  return { items: value, refusals: new Map(repeated.map(({ element, path }) => [element, givenTwice(path.slice(1))])) };
}

type JsonArray = { items: unknown[]; refusals: ReadonlyMap<number, Violation> };

/** The value of a JSON text, and whether an object in it has a key twice. */
function readJsonText(bytes: Uint8Array): { value: unknown; text: string; repeatsKeys: boolean } {
  if (bytes.byteLength === 0) throw new ProblemError('invalid-json', { detail: 'The body is empty: send JSON.' });
  const structure = bytes.byteLength > SMALL_BYTES ? measureJson(bytes) : null;
  if (structure && isOversized(structure)) throw new ProblemError('body-too-large', { detail: OVERSIZED });
  try {
    const text = UTF8.decode(bytes);
    const value: unknown = JSON.parse(text);
    const repeatsKeys = structure ? lacksMembers(value, structure.members) : findRepeatedKey(text, value) !== null;
    return { value, text, repeatsKeys };
  } catch (cause) {
    const reason = reasonOf(cause, bytes);
    throw new ProblemError('invalid-json', { detail: `The body is not valid JSON: ${reason}.`, cause });
  }
}

function reasonOf(cause: unknown, bytes: Uint8Array): string {
  if (isUtf16(bytes)) return 'it is UTF-16 text, and must be UTF-8';
  return cause instanceof SyntaxError ? cause.message : 'it is not UTF-8 text';
}

function keyGivenTwice(path: KeyPath): ProblemError {
  const violation = givenTwice(path);
  return new ProblemError('invalid-json', { detail: violation.message.en, violations: [violation] });
}

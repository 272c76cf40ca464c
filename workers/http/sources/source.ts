import type { ProblemCode } from '../../../common/api/problems.ts';
import type { Validation, Validator } from '../../../common/record/validation.ts';
import type { Violation } from '../../../common/record/violation.ts';
import { createTextDecoding } from '../../../common/tables/decode-text.ts';
import { GROUP_SIZE } from '../../../common/tables/group-size.ts';
import type { SourceRow } from '../../../common/tables/source-row.ts';
import type { TableNote, TableNotes } from '../../../common/tables/table-notes.ts';
import { ProblemError } from '../../errors.ts';
import { sha256Hex } from '../../sha256.ts';
import { readBytes, streamBytes } from '../read-body.ts';
import { isUtf16 } from '../utf16.ts';

/** The records of a batch, in order, each checked against the contract. */
export type Source = {
  rows: AsyncIterable<SourceRow<Validation>[]>;
  /** sha256 of the content, in hexadecimal: the same whenever the same content is sent. Null unless it was asked for. */
  fingerprint: string | null;
  /** How the source was read, as far as it was; complete once its rows are. */
  notes(): TableNote[];
};

export type SourceOptions = {
  maxBytes: number;
  maxRows: number;
  /** Whether the source needs a fingerprint. Its whole body is then held in memory. */
  withFingerprint: boolean;
};

/** How much of a body is held in memory, where all of it is needed before the first row can be predicted. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** How much of a held body is decoded at a time. */
const HELD_CHUNK_BYTES = 64 * 1024;

/** Reads a body that is held in memory: at most 8 MiB. */
export function readHeld(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  return readBytes(request, Math.min(maxBytes, MAX_HELD_BYTES));
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Reads a body as it arrives; holds it only where a fingerprint is asked for. */
export async function readChunks(
  request: Request,
  { maxBytes, withFingerprint }: SourceOptions,
): Promise<{ chunks: Chunks; fingerprint: string | null }> {
  if (!withFingerprint) return { chunks: streamBytes(request, maxBytes), fingerprint: null };
  const held = await readHeld(request, maxBytes);
  return { chunks: inChunks(held), fingerprint: await sha256Hex(held) };
}

const DECLARE = ' Or name its encoding, as in "Content-Type: text/csv; charset=macintosh".';

/** Decodes a table of text, in the encoding that it has. `contentType` may declare one. Throws `invalid-csv`. */
export async function* decodeTable(chunks: Chunks, contentType: string, notes: TableNotes): AsyncGenerator<string> {
  const makeDecoder = (encoding: string) => new TextDecoder(encoding, { fatal: true, ignoreBOM: false });
  const decoding = createTextDecoding({ makeDecoder, declared: charsetOf(contentType), notes });
  const check = (text: string | Violation) => {
    if (typeof text === 'string') return text;
    throw new ProblemError('invalid-csv', { detail: `${text.message.en}${DECLARE}`, violations: [text] });
  };
  for await (const chunk of chunks) yield check(decoding.push(chunk));
  yield check(decoding.end());
}

/** The charset of a media type; null for none. */
function charsetOf(contentType: string): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? null;
}

const UTF16 = 'The text is UTF-16, and must be UTF-8.';

/** Decodes UTF-8. Throws the problem `unreadable` for anything else. */
export async function* decode(chunks: Chunks, unreadable: ProblemCode): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  try {
    let isFirst = true;
    for await (const chunk of chunks) {
      if (isFirst && isUtf16(chunk)) throw new ProblemError(unreadable, { detail: UTF16 });
      isFirst = false;
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError
      ? new ProblemError(unreadable, { detail: 'The text is not UTF-8.', cause: error })
      : error;
  }
}

/** Bytes that are held, in chunks. */
export function* inChunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += HELD_CHUNK_BYTES) yield bytes.subarray(at, at + HELD_CHUNK_BYTES);
}

/** Checks rows against the contract, group by group: the first rows are predicted before the last ones are checked. */
export async function* check(
  source: AsyncIterable<SourceRow[]> | Iterable<SourceRow[]>,
  validate: Validator,
): AsyncGenerator<SourceRow<Validation>[]> {
  for await (const rows of source) {
    for (let at = 0; at < rows.length; at += GROUP_SIZE)
      yield rows.slice(at, at + GROUP_SIZE).map((row) => checkRow(row, validate));
  }
}

function checkRow(row: SourceRow, validate: Validator): SourceRow<Validation> {
  return 'violations' in row ? row : { ...row, value: validate(row.value) };
}

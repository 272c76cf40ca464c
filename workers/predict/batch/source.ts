import { PROBLEMS, type ProblemCode } from '../../../common/api/problems.ts';
import { toHex } from '../../../common/hex.ts';
import type { Validation, Validator } from '../../../common/record/validation.ts';
import { createCheckedCellReader } from '../../../common/tables/cells.ts';
import { type CsvItem, createCsvReader } from '../../../common/tables/csv-reader.ts';
import { createCsvRecordReader } from '../../../common/tables/csv-records.ts';
import { GROUP } from '../../../common/tables/group.ts';
import { createExtractJoin } from '../../../common/tables/join-extracts.ts';
import type { Extract } from '../../../common/tables/join-extracts-tables.ts';
import { createNdjsonReader } from '../../../common/tables/ndjson.ts';
import { type RefusedRow, readRows, rowsOfArray, type SourceRow } from '../../../common/tables/source-row.ts';
import { ProblemError } from '../../errors.ts';
import { mediaTypeOf, readBytes, streamBytes } from '../../http/read-body.ts';
import { parseJson } from '../../http/read-json.ts';
import type { Predictor } from '../../ports.ts';
import { sha256 } from '../../sha256.ts';

/** How much of a body that must be whole before its first row can be predicted is held in memory. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** As much of it is read at a time. */
const HELD_CHUNK_BYTES = 64 * 1024;

/** The formats that a batch is taken in, by media type. */
const FORMATS = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/jsonl', 'ndjson'],
  ['text/csv', 'csv'],
  ['multipart/form-data', 'multipart'],
] as const);

export type SourceFormat = 'json' | 'ndjson' | 'csv' | 'multipart';
/** A row of a batch, and what its contract says of it. */
export type CheckedRow = SourceRow<Validation>;
/** `content` is the same whenever the same source is sent, and tells it from others; null unless it was asked for. */
export type Source = { rows: AsyncIterable<CheckedRow[]>; content: Uint8Array<ArrayBuffer> | null };

/** The format of a request's body; throws `unsupported-media-type`. */
export function sourceFormatOf(request: Request): SourceFormat {
  const types: ReadonlyMap<string, SourceFormat> = FORMATS;
  const format = types.get(mediaTypeOf(request));
  if (format) return format;
  const detail = `Send a batch as one of: ${[...types.keys()].join(', ')}.`;
  throw new ProblemError('unsupported-media-type', { detail });
}

/**
 * The records of a request's body, in their order, validated. Text is read as it comes, unless `hold` asks for its content; a JSON
 * array and a form are held in memory, and so may have no more than 8 MiB.
 */
export async function openSource(
  request: Request,
  format: SourceFormat,
  { contract, validate }: Predictor,
  { maxBytes, maxRows, hold }: { maxBytes: number; maxRows: number; hold: boolean },
): Promise<Source> {
  if (format === 'csv' || format === 'ndjson') {
    const held = hold ? await readBytes(request, Math.min(maxBytes, MAX_HELD_BYTES)) : null;
    const text = decode(held ? inChunks(held) : streamBytes(request, maxBytes), UNREADABLE[format]);
    const rows =
      format === 'csv'
        ? readRows(createCsvRecordReader(createCheckedCellReader(contract, validate)), text)
        : check(readRows(createNdjsonReader(), text), validate);
    return { rows, content: held };
  }
  const held = await readBytes(request, Math.min(maxBytes, MAX_HELD_BYTES));
  if (format === 'json') return { rows: check(once(readArray(held, maxRows)), validate), content: held };
  const parts = await readParts(request, held);
  const rows = createExtractJoin(contract, validate)(await readExtracts(parts, maxRows));
  return { rows: check(once(rows), validate), content: hold ? await describeParts(parts) : null };
}

/** Validates rows, not all of a large body before the first ones are predicted. */
async function* check(source: AsyncIterable<SourceRow[]>, validate: Validator): AsyncGenerator<CheckedRow[]> {
  for await (const rows of source) {
    for (let at = 0; at < rows.length; at += GROUP)
      yield rows.slice(at, at + GROUP).map((row) => checkRow(row, validate));
  }
}

function checkRow(row: SourceRow, validate: Validator): CheckedRow {
  return 'violations' in row ? row : { ...row, value: validate(row.value) };
}

/** The problem of a row beyond which nothing of its source can be read. */
export function refuse({ violations, line, file }: RefusedRow): ProblemError {
  const rules = new Set(violations.map(({ rule }) => rule));
  const code = rules.has('extract')
    ? 'invalid-multipart'
    : COLUMN_RULES.some((rule) => rules.has(rule))
      ? 'invalid-columns'
      : 'invalid-csv';
  const place = [...(file === undefined ? [] : [file]), ...(line > 0 ? [`line ${line}`] : [])].join(', ');
  const detail = `${PROBLEMS[code].detail}${place && ` Nothing is read beyond ${place}: see "errors".`}`;
  return new ProblemError(code, { violations, detail });
}

const COLUMN_RULES = ['required', 'unknown-field', 'given-once'];

const UNREADABLE = { csv: 'invalid-csv', ndjson: 'invalid-json', multipart: 'invalid-csv' } as const satisfies Record<
  string,
  ProblemCode
>;

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += HELD_CHUNK_BYTES) yield bytes.subarray(at, at + HELD_CHUNK_BYTES);
}

async function* decode(chunks: AsyncIterable<Uint8Array>, unreadable: ProblemCode): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError
      ? new ProblemError(unreadable, {
          detail: 'The text is not UTF-8: save it as UTF-8 ("CSV UTF-8" in Excel).',
          cause: error,
        })
      : error;
  }
}

function readArray(bytes: Uint8Array, maxRows: number): SourceRow[] {
  const body = parseJson(bytes);
  if (!Array.isArray(body))
    throw new ProblemError('invalid-json', { detail: 'A batch in JSON must be an array of records.' });
  if (body.length > maxRows) throw tooManyRows(maxRows);
  return rowsOfArray(body);
}

export function tooManyRows(maxRows: number): ProblemError {
  return new ProblemError('too-many-rows', { detail: `A batch may have at most ${maxRows} rows.` });
}

/** A file of a form, or a text in place of one. */
type Part = { name: string; file: string; content: Uint8Array<ArrayBuffer> };

/** The parts of a form, each of another name. */
async function readParts(request: Request, bytes: Uint8Array<ArrayBuffer>): Promise<Part[]> {
  const parts = new Map<string, Part>();
  for (const [name, part] of await parseForm(request, bytes)) {
    if (parts.has(name))
      throw new ProblemError('invalid-multipart', { detail: `"${name.slice(0, 100)}" is given twice.` });
    const file = typeof part === 'string' ? name : part.name;
    const content = typeof part === 'string' ? encode(part) : new Uint8Array(await part.arrayBuffer());
    parts.set(name, { name, file, content });
  }
  return [...parts.values()];
}

/** What a form holds. Its bytes do not tell: the boundary in them is a new one each time that a client sends it. */
async function describeParts(parts: readonly Part[]): Promise<Uint8Array<ArrayBuffer>> {
  const described = parts.map(async ({ name, file, content }) =>
    JSON.stringify([name, file, toHex(await sha256(content))]),
  );
  return encode((await Promise.all(described)).sort().join('\n'));
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** The CSV files of a form, one for each group of the contract, named after it. */
async function readExtracts(parts: readonly Part[], maxRows: number): Promise<Map<string, Extract>> {
  const extracts = new Map<string, Extract>();
  for (const { name, file, content } of parts) extracts.set(name, { file, items: await readItems(content, maxRows) });
  return extracts;
}

/** The header of an extract and its rows. */
async function readItems(content: Uint8Array, maxRows: number): Promise<CsvItem[]> {
  const items: CsvItem[] = [];
  for await (const batch of readRows(createCsvReader(), decode(inChunks(content), UNREADABLE.multipart))) {
    for (const item of batch) items.push(item);
    if (items.length > maxRows + 1) throw tooManyRows(maxRows);
  }
  return items;
}

async function parseForm(request: Request, bytes: Uint8Array<ArrayBuffer>): Promise<FormData> {
  try {
    return await new Response(bytes, {
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
    }).formData();
  } catch (cause) {
    throw new ProblemError('invalid-multipart', { cause });
  }
}

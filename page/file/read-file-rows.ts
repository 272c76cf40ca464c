import type { Contract } from '../../common/contract/contract.ts';
import { createCanonicaliser } from '../../common/record/canonical.ts';
import { toRecord } from '../../common/record/request-schema.ts';
import { createValidator } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { createCellReader } from '../../common/tables/cells.ts';
import { type CsvItem, createCsvReader } from '../../common/tables/csv-reader.ts';
import { createCsvRecordReader } from '../../common/tables/csv-records.ts';
import { createExtractJoin } from '../../common/tables/join-extracts.ts';
import type { Extract } from '../../common/tables/join-extracts-tables.ts';
import { readRows, type SourceRow, type TextReader } from '../../common/tables/source-row.ts';
import { createPacer } from './pacer.ts';
import type { Selection } from './recognise-files.ts';
import type { Row } from './rows.ts';

/** The part of a File that is read here. */
export type ReadableFile = Pick<File, 'name' | 'size' | 'stream'>;

/** Why the files cannot be read as they are; `line` is 0 where none can be named. */
export type FileFault = { file: string; line: number; violations: Violation[] };

/** `cutAt`: the last line that could be read, where a file breaks off. `tooMany`: there are more rows than are taken. */
export type FileReading =
  | { ok: true; rows: Row[]; cut: boolean; tooMany: boolean }
  | { ok: false; faults: FileFault[] };

type Options = {
  maxRows: number;
  /** How much is done, from 0 to 1. */
  onProgress(share: number): void;
  signal: AbortSignal;
};

/** The names in the header of a CSV file; none where the header cannot be read. */
export async function readHeader(file: ReadableFile): Promise<string[]> {
  try {
    for await (const items of readRows(createCsvReader(), textOf(file))) {
      const [first] = items;
      return first && 'names' in first ? first.names : [];
    }
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
  }
  return [];
}

/**
 * Reads the chosen files, and checks every row as the API would. So the visitor knows the faults before anything is sent, and in
 * both languages. Rejects with the signal's reason once it aborts.
 */
export async function readFileRows(
  selection: Exclude<Selection<ReadableFile>, { kind: 'none' }>,
  contract: Contract,
  { maxRows, onProgress, signal }: Options,
): Promise<FileReading> {
  const files =
    selection.kind === 'whole' ? [selection.file.file] : [...selection.files.values()].map(({ file }) => file);
  const total = files.reduce((sum, { size }) => sum + size, 0) || 1;
  const pace = createPacer();
  let read = 0;
  const advance = async (bytes: number) => {
    read += bytes;
    onProgress(Math.min(read / total, 1));
    signal.throwIfAborted();
    await pace();
  };
  try {
    const source =
      selection.kind === 'whole'
        ? wholeRows(selection.file, contract, advance)
        : joinedRows(selection, contract, advance);
    return await checkRows(source, contract, { maxRows, pace, signal });
  } catch (error) {
    if (error instanceof NotUtf8) return { ok: false, faults: [{ file: error.file, line: 0, violations: [NOT_UTF8] }] };
    throw error;
  }
}

type Advance = (bytes: number) => Promise<void>;
type PlacedRow = SourceRow & { file: string };

async function* wholeRows(
  { file, name }: { file: ReadableFile; name: string },
  contract: Contract,
  advance: Advance,
): AsyncGenerator<PlacedRow[]> {
  const reader = createCsvRecordReader(createCellReader(contract));
  for await (const rows of paced(reader, file, advance)) yield rows.map((row) => ({ ...row, file: name }));
}

async function* joinedRows(
  { files }: { files: ReadonlyMap<string, { file: ReadableFile; name: string }> },
  contract: Contract,
  advance: Advance,
): AsyncGenerator<PlacedRow[]> {
  const extracts = new Map<string, Extract>();
  for (const [group, { file, name }] of files) {
    const items: CsvItem[] = [];
    for await (const batch of paced(createCsvReader(), file, advance)) for (const item of batch) items.push(item);
    extracts.set(group, { file: name, items });
  }
  yield createExtractJoin(contract)(extracts).map((row) => ({ ...row, file: row.file ?? '' }));
}

/** The rows of a file, letting the page breathe between its chunks. */
async function* paced<R extends object>(reader: TextReader<R>, file: ReadableFile, advance: Advance) {
  yield* readRows(reader, textOf(file, advance));
}

/** A row that refuses its file as a whole comes first; a later one only ends it. */
async function checkRows(
  source: AsyncIterable<PlacedRow[]>,
  contract: Contract,
  { maxRows, pace, signal }: { maxRows: number; pace: () => Promise<void>; signal: AbortSignal },
): Promise<FileReading> {
  const check = createRowCheck(contract);
  const rows: Row[] = [];
  let cut = false;
  for await (const group of source) {
    if (rows.length === 0 && isFatal(group[0])) {
      return { ok: false, faults: group.flatMap((row) => ('violations' in row ? [row] : [])) };
    }
    for (const row of group) {
      if (rows.length === maxRows) return { ok: true, rows, cut, tooMany: true };
      if (isFatal(row)) cut = true;
      rows.push(check(row));
      if (rows.length % 100 === 0) await pace();
    }
    signal.throwIfAborted();
  }
  return { ok: true, rows, cut, tooMany: false };
}

function isFatal(row: SourceRow | undefined): boolean {
  return row !== undefined && 'violations' in row && row.fatal === true;
}

function createRowCheck(contract: Contract): (row: PlacedRow) => Row {
  const validate = createValidator(contract);
  const canonicalise = createCanonicaliser(contract);
  return (row) => {
    const { line, file } = row;
    if ('violations' in row) return { line, file, identifier: null, notes: row.violations, status: 'refused' };
    const validation = validate(row.value);
    if (validation.ok) {
      const { values, identifier, warnings } = validation;
      return { line, file, identifier, notes: warnings, status: 'ready', record: toRecord(contract, values) };
    }
    const who = canonicalise(Object(row.value)).identifier;
    const identifier = typeof who === 'number' ? who : null;
    return { line, file, identifier, notes: validation.violations, status: 'refused' };
  };
}

class NotUtf8 extends Error {
  readonly file: string;

  constructor(file: string, cause: unknown) {
    super('not UTF-8', { cause });
    this.file = file;
  }
}

async function* textOf(file: ReadableFile, advance?: Advance): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = file.stream().getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      for (const piece of pieces(chunk.value)) {
        yield decode(() => decoder.decode(piece, { stream: true }), file);
        await advance?.(piece.length);
      }
    }
    yield decode(() => decoder.decode(), file);
  } finally {
    await reader.cancel();
  }
}

function decode(run: () => string, { name }: ReadableFile): string {
  try {
    return run();
  } catch (cause) {
    throw new NotUtf8(name, cause);
  }
}

/** Browsers read up to 2 MB at once, which would keep the page busy for as long as its rows take. */
const PIECE_BYTES = 65_536;

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

const NOT_UTF8: Violation = {
  fields: [],
  rule: 'encoding',
  message: {
    fr: 'Le fichier n’est pas en UTF-8\u00a0: dans Excel, enregistrez-le au format «\u00a0CSV UTF-8\u00a0».',
    en: 'The file is not UTF-8: in Excel, save it as "CSV UTF-8".',
  },
};

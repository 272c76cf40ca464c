import type { Contract } from '../../common/contract/contract.ts';
import { createCanonicaliser } from '../../common/record/canonical.ts';
import { toRecord } from '../../common/record/request-schema.ts';
import { createValidator, type Validator } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { createCellReader } from '../../common/tables/cells.ts';
import { createCsvReader } from '../../common/tables/csv-reader.ts';
import { createCsvRecordReader } from '../../common/tables/csv-records.ts';
import { createTextDecoding } from '../../common/tables/decode-text.ts';
import { createExtractJoin } from '../../common/tables/join-extracts.ts';
import type { Extract } from '../../common/tables/join-extracts-tables.ts';
import type { ColumnMapping } from '../../common/tables/match-columns.ts';
import { readRows, type SourceRow, type TextReader } from '../../common/tables/source-row.ts';
import { createSpreadsheetReader, type SpreadsheetReader } from '../../common/tables/spreadsheet.ts';
import type { TableItem } from '../../common/tables/table.ts';
import { createTableNotes, type TableNote, type TableNotes } from '../../common/tables/table-notes.ts';
import { createPacer } from './pacer.ts';
import type { Selection } from './recognise-files.ts';
import type { Row } from './rows.ts';

/** The part of a File that is read here. */
export type ReadableFile = Pick<File, 'name' | 'size' | 'stream'>;

/** Why the files cannot be read as they are; `line` is 0 where none can be named. */
export type FileFault = { file: string; line: number; violations: Violation[] };

/** `cut`: the file breaks off at its last row. `tooMany`: there are more rows than are taken. `notes`: how the files were read. */
export type FileReading =
  | { ok: true; rows: Row[]; cut: boolean; tooMany: boolean; notes: TableNote[] }
  | { ok: false; faults: FileFault[] };

type Options = {
  maxRows: number;
  /** Which columns are which fields, as the visitor chose. */
  mapping?: ColumnMapping;
  /** How much is done, from 0 to 1. */
  onProgress(share: number): void;
  signal: AbortSignal;
};

/** The names in the header of a CSV file; none where the header cannot be read. */
export async function readHeader(file: ReadableFile, contract: Contract, mapping?: ColumnMapping): Promise<string[]> {
  const notes = createTableNotes();
  const spreadsheet = createSpreadsheetReader(contract, createValidator(contract), mapping).open(notes);
  try {
    for await (const items of readRows(createCsvReader({ spreadsheet }), textOf(file, notes))) {
      const [first] = items;
      return first && 'names' in first ? first.names : [];
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
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
  { maxRows, mapping, onProgress, signal }: Options,
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
  const validate = createValidator(contract);
  const notes: TableNotes[] = [];
  const notesOf = (file?: string) => {
    const opened = createTableNotes(file);
    notes.push(opened);
    return opened;
  };
  const context: Context = {
    contract,
    validate,
    mapping,
    spreadsheets: createSpreadsheetReader(contract, validate, mapping),
    notesOf,
    advance,
  };
  try {
    const source = selection.kind === 'whole' ? wholeRows(selection.file, context) : joinedRows(selection, context);
    const reading = await checkRows(source, contract, { validate, maxRows, pace, signal });
    return reading.ok ? { ...reading, notes: notes.flatMap((it) => it.list()) } : reading;
  } catch (error) {
    if (error instanceof Unreadable)
      return { ok: false, faults: [{ file: error.file, line: 0, violations: [error.violation] }] };
    throw error;
  }
}

type Advance = (bytes: number) => Promise<void>;
type PlacedRow = SourceRow & { file: string };

type Context = {
  contract: Contract;
  validate: Validator;
  mapping: ColumnMapping | undefined;
  spreadsheets: SpreadsheetReader;
  notesOf(file?: string): TableNotes;
  advance: Advance;
};

async function* wholeRows(
  { file, name }: { file: ReadableFile; name: string },
  { contract, validate, spreadsheets, notesOf, advance }: Context,
): AsyncGenerator<PlacedRow[]> {
  const spreadsheet = spreadsheets.open(notesOf());
  const reader = createCsvRecordReader(createCellReader(contract, validate, spreadsheet.readHeader), spreadsheet);
  for await (const rows of paced(reader, file, spreadsheet.notes, advance))
    yield rows.map((row) => ({ ...row, file: name }));
}

async function* joinedRows(
  { files }: { files: ReadonlyMap<string, { file: ReadableFile; name: string }> },
  { contract, validate, mapping, spreadsheets, notesOf, advance }: Context,
): AsyncGenerator<PlacedRow[]> {
  const extracts = new Map<string, Extract>();
  for (const [group, { file, name }] of files) {
    const items: TableItem[] = [];
    const notes = notesOf(name);
    const reader = createCsvReader({ spreadsheet: spreadsheets.open(notes) });
    for await (const batch of paced(reader, file, notes, advance)) for (const item of batch) items.push(item);
    extracts.set(group, { file: name, items, notes });
  }
  yield createExtractJoin(contract, validate, mapping)(extracts).map((row) => ({ ...row, file: row.file ?? '' }));
}

/** The rows of a file, letting the page breathe between its chunks. */
async function* paced<R extends object>(
  reader: TextReader<R>,
  file: ReadableFile,
  notes: TableNotes,
  advance: Advance,
) {
  yield* readRows(reader, textOf(file, notes, advance));
}

type Checked = { ok: true; rows: Row[]; cut: boolean; tooMany: boolean } | { ok: false; faults: FileFault[] };

/** A row that refuses its file as a whole comes first; a later one only ends it. */
async function checkRows(
  source: AsyncIterable<PlacedRow[]>,
  contract: Contract,
  {
    validate,
    maxRows,
    pace,
    signal,
  }: { validate: Validator; maxRows: number; pace: () => Promise<void>; signal: AbortSignal },
): Promise<Checked> {
  const check = createRowCheck(contract, validate);
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

function createRowCheck(contract: Contract, validate: Validator): (row: PlacedRow) => Row {
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

/** The text of a file cannot be told from its bytes. */
class Unreadable extends Error {
  readonly file: string;
  readonly violation: Violation;

  constructor(file: string, violation: Violation) {
    super(violation.message.en);
    this.file = file;
    this.violation = violation;
  }
}

const makeDecoder = (encoding: string) => new TextDecoder(encoding, { fatal: true });

async function* textOf(file: ReadableFile, notes: TableNotes, advance?: Advance): AsyncGenerator<string> {
  const decoding = createTextDecoding({ makeDecoder, declared: null, notes });
  const check = (text: string | Violation) => {
    if (typeof text === 'string') return text;
    throw new Unreadable(file.name, text);
  };
  const reader = file.stream().getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      for (const piece of pieces(chunk.value)) {
        yield check(decoding.push(piece));
        await advance?.(piece.length);
      }
    }
    yield check(decoding.end());
  } finally {
    await reader.cancel();
  }
}

/** Browsers read up to 2 MB at once, which would keep the page busy for as long as its rows take. */
const PIECE_BYTES = 65_536;

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

import type { Violation } from '../record/violation.ts';
import {
  cellText,
  createDelimiterDetector,
  endOfCell,
  type HeaderTest,
  type QuoteFault,
  quoteFault,
  rowTooLong,
} from './csv-syntax.ts';
import type { RefusedRow, TextReader } from './source-row.ts';

/** A row as it stands in the file, and the line on which it begins. Blank lines are counted, but are no rows. */
export type ScannedRow = { line: number; cells: string[] };

/** The same for a row without quotes: its cells stand between the separators. */
export type PlainRow = { line: number; text: string; separator: string };

type CsvScanner = TextReader<PlainRow | ScannedRow | RefusedRow> & {
  /** The file's delimiter, once a row was read. */
  delimiter(): string;
};

const COMMA = 0x2c;

const LINE_BREAK = /\r\n?|\n/g;

/**
 * Splits CSV text (RFC 4180; lines that end in CRLF, LF or CR) into cells. Scanning resumes at the cell that the last
 * chunk left open. A broken quote ends the file, because where the next row begins is then anybody's guess.
 */
export function createCsvScanner(maxRowLength: number, isHeader: HeaderTest): CsvScanner {
  let text = '';
  /** Offset of the cell being read, and of its row: the row's start may lie before the text that is kept. */
  let position = 0;
  let rowStart = 0;
  /** How far the cell being read was looked at: a cell that comes in a thousand chunks is looked at once. */
  let resumeAt = 0;
  let cells: string[] = [];
  let line = 1;
  /** The line of the cell being read, which is not the row's after a quoted line break. */
  let cellLine = 1;
  let delimiter: number | undefined;
  const detectDelimiter = createDelimiterDetector(maxRowLength, isHeader);
  let isFirst = true;
  let afterCr = false;
  let broken = false;
  /** Where the next of each is, from `position` on; less than that where it was not looked for. */
  const next = { lf: -1, cr: -1, quote: -1 };

  function append(chunk: string): void {
    text = text.slice(position) + chunk;
    rowStart -= position;
    resumeAt -= position;
    position = 0;
    next.lf = next.cr = next.quote = -1;
    if (text === '') return;
    if (isFirst && text.startsWith('\uFEFF')) text = text.slice(1);
    isFirst = false;
    skipLineFeed();
  }

  /** The second half of a CRLF may come in a later chunk than the first. */
  function skipLineFeed(): void {
    if (!afterCr || position >= text.length) return;
    if (text[position] === '\n') rowStart = ++position;
    afterCr = false;
  }

  /** Takes the next rows as long as they are whole and nothing in them is quoted, as in most files. */
  function takePlainRows(rows: (PlainRow | ScannedRow | RefusedRow)[]): void {
    if (delimiter === undefined) return;
    const separator = String.fromCharCode(delimiter);
    while (position === rowStart) {
      next.lf = find('\n', next.lf);
      next.cr = find('\r', next.cr);
      next.quote = find('"', next.quote);
      const end = Math.min(next.lf, next.cr);
      if (end >= text.length || next.quote < end || end - rowStart > maxRowLength) return;
      const row = text.slice(position, end);
      if (row.trim() !== '' || row.includes(separator)) rows.push({ line, text: row, separator });
      endRow(end);
    }
  }

  /** Looks at no part of the text twice. */
  function find(character: string, known: number): number {
    if (known >= position) return known;
    const at = text.indexOf(character, position);
    return at < 0 ? text.length : at;
  }

  /** Takes the cell that goes from `position` to `end`; returns the row, if that ends one. */
  function takeCell(end: number | QuoteFault): ScannedRow | RefusedRow | undefined {
    // A row's length comes before its quotes, so that the answer does not depend on where the chunks were cut.
    if ((typeof end === 'number' ? end : end.at) - rowStart > maxRowLength)
      return refuse(line, rowTooLong(maxRowLength));
    if (typeof end !== 'number') return refuse(cellLine, quoteFault(end));
    const cell = cellText(text, position, end);
    cells.push(cell);
    // Only a quoted cell is shorter than its text in the file, and only such a cell can hold a line break.
    if (cell.length < end - position) cellLine += cell.match(LINE_BREAK)?.length ?? 0;
    if (text.charCodeAt(end) !== delimiter) return takeRow(end);
    position = end + 1;
    return undefined;
  }

  function takeRow(end: number): ScannedRow | undefined {
    const isBlank = cells.length === 1 && text.slice(position, end).trim() === '';
    const row = isBlank ? undefined : { line, cells };
    endRow(end);
    return row;
  }

  function endRow(end: number): void {
    cells = [];
    line = ++cellLine;
    position = end + 1;
    rowStart = position;
    afterCr = text[end] === '\r';
    skipLineFeed();
  }

  function refuse(at: number, violation: Violation): RefusedRow {
    broken = true;
    text = '';
    return { line: at, violations: [violation], fatal: true };
  }

  /** The end of the next cell; undefined where the row has no further cell, or the cell is not whole yet. */
  function nextEnd(final: boolean): number | QuoteFault | undefined {
    if (broken || delimiter === undefined) return undefined;
    const isCell = position < text.length || (final && cells.length > 0);
    if (!isCell) return undefined;
    const end = endOfCell(text, { start: position, from: resumeAt, delimiter, final });
    if (typeof end === 'number' || end.kind !== 'open') return end;
    resumeAt = end.resumeAt;
    return undefined;
  }

  function scan(chunk: string, final: boolean): (PlainRow | ScannedRow | RefusedRow)[] {
    if (broken) return [];
    append(chunk);
    delimiter ??= detectDelimiter(text, final);
    const rows: (PlainRow | ScannedRow | RefusedRow)[] = [];
    takePlainRows(rows);
    for (let end = nextEnd(final); end !== undefined; end = nextEnd(final)) {
      const row = takeCell(end);
      if (row) rows.push(row);
      takePlainRows(rows);
    }
    if (!broken && text.length - rowStart > maxRowLength) rows.push(refuse(line, rowTooLong(maxRowLength)));
    return rows;
  }

  return {
    push: (chunk) => scan(chunk, false),
    end: () => scan('', true),
    delimiter: () => String.fromCharCode(delimiter ?? COMMA),
  };
}

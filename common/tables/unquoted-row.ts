import { AS_TEXT, type CellParser, type FeatureValue } from '../contract/features/kind.ts';
import { isAccepted } from '../contract/interval.ts';
import type { DraftValues, FastFeature, FastFields, ValidRecord } from '../record/fast-validation.ts';
import type { NumberColumn } from '../record/read-number.ts';

/** A column of one file, as its header names it. `parser` reads its cells; null where nothing is read. */
export type OpenColumn = { name: string; parser: CellParser | null };

/** A column of a file: a feature, the identifier, or nothing that is read. */
type RowColumn = { feature: FastFeature | null; isIdentifier: boolean } & CellParser;

/**
 * Compiles a header that is not refused into a function that reads the text of a row in which nothing is quoted, without
 * making cells or a record of it; undefined where anything in it is wrong or odd.
 */
export function createUnquotedRowReader(
  columns: readonly OpenColumn[],
  { features, identifier, newDraft, finish }: FastFields,
): (text: string, separator: string) => ValidRecord | undefined {
  const row = columns.map(
    ({ name, parser }): RowColumn => ({
      feature: features.get(name) ?? null,
      isIdentifier: identifier?.names.has(name) ?? false,
      ...(parser ?? AS_TEXT),
    }),
  );

  // A header that is not refused names no feature twice.
  const given = row.filter(({ feature }) => feature !== null).length;

  return (text, separator) => {
    const values = newDraft();
    const who = readValues({ text, delimiter: separator.charCodeAt(0), at: 0 }, row, values);
    if (who === null) return undefined;
    const identity = identifier ? identifier.read(who.trim() || null) : null;
    return identity === undefined ? undefined : finish(values, given, identity);
  };
}

/** Where in a row is read. */
type Cursor = { text: string; delimiter: number; at: number };

/** Fills in the values of a row. Returns the text of its identifier, "" without one; null where any cell is wrong. */
function readValues(cursor: Cursor, columns: readonly RowColumn[], values: DraftValues): string | null {
  let who = '';
  for (const column of columns) {
    const { feature, isIdentifier } = column;
    if (feature) {
      const value = readCell(cursor, feature, column);
      if (value === undefined) return null;
      values[feature.at] = value;
    } else {
      const text = restOfCell(cursor, cursor.at);
      if (isIdentifier) who = text;
    }
    cursor.at++;
  }
  // Where the row has a cell too few, the last one that was read began beyond it; one too many, and something is left.
  return cursor.at === cursor.text.length + 1 ? who : null;
}

function readCell(
  cursor: Cursor,
  { numbers, read }: FastFeature,
  { parse, numbers: column, isParsedFirst }: CellParser,
): FeatureValue | undefined {
  const start = cursor.at;
  if (numbers && column) {
    const number = plainNumber(cursor, column);
    if (!Number.isNaN(number)) return isAccepted(numbers, number) ? number : undefined;
    return read(parse(restOfCell(cursor, start)));
  }
  const cell = restOfCell(cursor, start);
  // Most texts are a category as it is spelled, which no parser changes: that is looked up once.
  return (isParsedFirst ? undefined : read(cell)) ?? read(parse(cell));
}

/** The text of the cell that begins at `start`. Goes on to its end. */
function restOfCell(cursor: Cursor, start: number): string {
  const { text, delimiter } = cursor;
  let { at } = cursor;
  while (at < text.length && text.charCodeAt(at) !== delimiter) at++;
  cursor.at = at;
  return text.slice(start, at);
}

const ZERO = 0x30;
const POINT = 0x2e;

/** A double holds every whole number of so many digits exactly, and every power of ten up to it: their quotient is rounded once. */
const MAX_DIGITS = 15;
const POWERS = Array.from({ length: MAX_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/**
 * The number that digits are, with a decimal point between them or without; NaN of any other text, and where a point may stand
 * between thousands. Goes on to where the number ends.
 */
function plainNumber(cursor: Cursor, column: NumberColumn): number {
  const { text, delimiter, at: start } = cursor;
  let number = 0;
  let point = -1;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) number = number * 10 + digit;
    else if (code === POINT && point < 0 && at > start) point = at;
    else break;
  }
  cursor.at = at;
  if (at === start || point === at - 1) return Number.NaN;
  if (at < text.length && text.charCodeAt(at) !== delimiter) return Number.NaN;
  const isPlain = point < 0 && at - start <= MAX_DIGITS;
  return isPlain ? number : spelledNumber(text.slice(start, at), number, point - start, column);
}

/** A number of many digits, or with a point among them; `digits` is the number without its point. */
function spelledNumber(text: string, digits: number, point: number, column: NumberColumn): number {
  if (point > 0 && !beginsDecimals(text, point, column)) return Number.NaN;
  if (text.length > MAX_DIGITS) return Number(text);
  return digits / (POWERS[text.length - point - 1] ?? Number.NaN);
}

/** Whether a point between digits begins decimals. In "9.200" it may stand between thousands, unless the column says otherwise. */
function beginsDecimals(text: string, point: number, column: NumberColumn): boolean {
  if (text.length - point === 4 && point <= 3 && text.charCodeAt(0) !== ZERO) return column.notation['.'] === 'decimal';
  column.seePoint();
  return true;
}

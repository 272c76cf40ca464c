import type { Column } from './cells.ts';
import { type GoodFeature, type GoodFields, isGoodNumber, type ValidRecord } from './good-record.ts';

/** A column of a file: a feature, the identifier, or nothing that is read. */
type PlainColumn = { feature: GoodFeature | null; isIdentifier: boolean; parse: Column['parse'] };

/**
 * Compiles a header that is not refused into a function that reads the text of a row in which nothing is quoted, without
 * making cells or a record of it; undefined where anything in it is wrong or odd.
 */
export function createPlainRowReader(
  names: readonly string[],
  columns: ReadonlyMap<string, Column>,
  { features, identifier, newValues, finish }: GoodFields,
): (text: string, separator: string) => ValidRecord | undefined {
  const plain = names.map(
    (name): PlainColumn => ({
      feature: features.get(name) ?? null,
      isIdentifier: identifier?.names.has(name) ?? false,
      parse: columns.get(name)?.parse ?? String,
    }),
  );

  return (text, separator) => {
    const values = newValues();
    const who = readValues(text, separator.charCodeAt(0), plain, values);
    if (who === null) return undefined;
    const identity = identifier ? identifier.read(who.trim() || null) : null;
    return identity === undefined ? undefined : finish(values, identity);
  };
}

/** Fills in the values of a row. Returns what identifies it, "" where nothing does; null where anything is wrong. */
function readValues(
  text: string,
  delimiter: number,
  columns: readonly PlainColumn[],
  values: (string | number)[],
): string | null {
  let who = '';
  let start = 0;
  for (const { feature, isIdentifier, parse } of columns) {
    const end = endOfCell(text, start, delimiter);
    if (feature) {
      const value = readCell(text, start, end, feature, parse);
      if (value === undefined) return null;
      values[feature.at] = value;
    } else if (isIdentifier) who = text.slice(start, end);
    start = end + 1;
  }
  // Where the row has a cell too few, the last one that was read began beyond it; one too many, and something is left.
  return start === text.length + 1 ? who : null;
}

function endOfCell(text: string, start: number, delimiter: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== delimiter) end++;
  return end;
}

function readCell(
  text: string,
  start: number,
  end: number,
  { numbers, read }: GoodFeature,
  parse: Column['parse'],
): string | number | undefined {
  if (numbers) {
    const number = plainNumber(text, start, end);
    if (!Number.isNaN(number)) return isGoodNumber(numbers, number) ? number : undefined;
  }
  return read(parse(text.slice(start, end)));
}

const ZERO = 0x30;
const POINT = 0x2e;

/** A double holds every whole number of so many digits exactly, and every power of ten up to it: their quotient is rounded once. */
const MAX_DIGITS = 15;
const POWERS = Array.from({ length: MAX_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** The number that digits are, with a decimal point between them or without; NaN of any other text. */
function plainNumber(text: string, start: number, end: number): number {
  let number = 0;
  let point = end;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9) number = number * 10 + digit;
    else if (code === POINT && point === end && i > start && i < end - 1) point = i;
    else return Number.NaN;
  }
  if (start === end) return Number.NaN;
  const decimals = Math.max(0, end - point - 1);
  if (end - start > MAX_DIGITS) return Number(text.slice(start, end));
  return decimals === 0 ? number : number / (POWERS[decimals] ?? Number.NaN);
}

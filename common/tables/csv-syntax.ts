import type { Violation } from '../record/violation.ts';

/** The extent of a cell by RFC 4180, and the violations of a file that breaks it. */

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** In the order of preference when a header has as many of each. Excel writes ";" where the comma is the decimal sign. */
const DELIMITERS = [',', ';', '\t'].map((delimiter) => delimiter.charCodeAt(0));

/** A quote that no rule allows, and its offset in the text. */
export type QuoteFault = { kind: 'unclosed' | 'misplaced'; at: number };

/** A cell that is not whole yet: the next scan begins at `resumeAt`. */
export type OpenCell = { kind: 'open'; resumeAt: number };

/** Excel's own way to name the delimiter of a file, in its first line; other programs quote it. */
const SEPARATOR_LINE = /^\uFEFF?"?sep=([,;\t|])"?\s*$/i;

/** Whether the cells of a row are the line that names the delimiter, split by it. */
export function isSeparatorLine(cells: readonly string[], delimiter: string): boolean {
  return SEPARATOR_LINE.test(cells.join(delimiter));
}

/** How many lines are looked at where none of them is a header: a title and a few remarks may stand above one. */
export const SEARCHED_LINES = 20;

/** Tells whether names, trimmed and in NFC, are those of a header. */
export type HeaderTest = (names: readonly string[]) => boolean;

/**
 * Returns a function that finds the delimiter of a text, as a code unit. The text grows from call to call. The delimiter is the
 * one that the header has most often outside quotes. The header is the first line with any content that `isHeader` takes. The
 * function returns undefined until that line is whole, unless no more text comes or the text exceeds `limit`.
 */
export function createDelimiterDetector(
  limit: number,
  isHeader: HeaderTest,
): (text: string, final: boolean) => number | undefined {
  const lines: LineCounts[] = [];
  let counts: LineCounts = new Map();
  let quoted = false;
  let lineStart = 0;
  let next = 0;

  /** Takes a line that ends before `end`; returns the delimiter, if the line tells. */
  function endLine(text: string, end: number): number | undefined {
    const line = text.slice(lineStart, end);
    const ended = counts;
    lineStart = end + 1;
    counts = new Map();
    if (line.trim() === '') return undefined;
    const named = lines.length === 0 ? SEPARATOR_LINE.exec(line)?.[1] : undefined;
    if (named !== undefined) return named.charCodeAt(0);
    const delimiter = mostFrequent(ended);
    if (isHeader(namesIn(line, delimiter))) return delimiter;
    lines.push(ended);
    return lines.length < SEARCHED_LINES ? undefined : mostFrequentOf(lines);
  }

  /** Takes one character; returns the delimiter, if it ends the line that tells. */
  function takeCharacter(text: string): number | undefined {
    const code = text.charCodeAt(next);
    if (code === QUOTE) quoted = !quoted;
    if (quoted) return undefined;
    if (code === LF || code === CR) return endLine(text, next);
    counts.set(code, (counts.get(code) ?? 0) + 1);
    return undefined;
  }

  return (text, final) => {
    for (const end = Math.min(text.length, limit); next < end; next++) {
      const delimiter = takeCharacter(text);
      if (delimiter !== undefined) return delimiter;
    }
    return final || text.length >= limit ? (endLine(text, next) ?? mostFrequentOf(lines)) : undefined;
  };
}

/** How often each character stands in a line, outside quotes. */
type LineCounts = Map<number, number>;

/** The names in a line, near enough to be recognised: one that holds a delimiter is not, and there are others. */
function namesIn(line: string, delimiter: number): string[] {
  return line
    .replaceAll('"', '')
    .replace('\uFEFF', '')
    .split(String.fromCharCode(delimiter))
    .map((name) => name.trim().normalize());
}

function mostFrequent(counts: LineCounts): number {
  const count = (delimiter: number) => counts.get(delimiter) ?? 0;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/**
 * The delimiter of lines none of which is known to be a header: that of the first line which is not much shorter than the longest.
 * Lines above a table have fewer delimiters than its rows, and rows may have other signs between their decimals.
 */
function mostFrequentOf(lines: readonly LineCounts[]): number {
  const most = (counts: LineCounts) => Math.max(...DELIMITERS.map((delimiter) => counts.get(delimiter) ?? 0));
  const longest = Math.max(...lines.map(most));
  return mostFrequent(lines.find((counts) => most(counts) * 3 >= longest) ?? new Map());
}

/**
 * The offset at which the cell that begins at `start` ends: a delimiter, a line's end or, if `final`, the text's end.
 * Looks from `from` on, where an earlier look at the same cell said to resume.
 */
export function endOfCell(
  text: string,
  { start, from, delimiter, final }: { start: number; from: number; delimiter: number; final: boolean },
): number | QuoteFault | OpenCell {
  return text.charCodeAt(start) === QUOTE
    ? endOfQuoted(text, Math.max(from, start + 1), delimiter, final)
    : endOfPlain(text, Math.max(from, start), delimiter, final);
}

function endOfPlain(text: string, from: number, delimiter: number, final: boolean): number | QuoteFault | OpenCell {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === delimiter || code === LF || code === CR) return i;
    if (code === QUOTE) return { kind: 'misplaced', at: i };
  }
  return final ? text.length : { kind: 'open', resumeAt: text.length };
}

function endOfQuoted(text: string, from: number, delimiter: number, final: boolean): number | QuoteFault | OpenCell {
  let quote = text.indexOf('"', from);
  while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
  if (quote < 0) return final ? { kind: 'unclosed', at: text.length } : { kind: 'open', resumeAt: text.length };
  const end = quote + 1;
  if (end === text.length) return final ? end : { kind: 'open', resumeAt: quote };
  const code = text.charCodeAt(end);
  return code === delimiter || code === LF || code === CR ? end : { kind: 'misplaced', at: end };
}

/** The text of a cell that begins and ends at these offsets, without its quotes. */
export function cellText(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE) return text.slice(start, end);
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('"') ? inner.replaceAll('""', '"') : inner;
}

export function quoteFault({ kind }: QuoteFault): Violation {
  const message =
    kind === 'unclosed'
      ? { fr: 'Un guillemet ouvert ici n’est jamais fermé.', en: 'A quote opens here and is never closed.' }
      : {
          fr: 'Un guillemet est mal placé : une cellule qui en contient doit être entre guillemets, les siens doublés.',
          en: 'A quote is misplaced: a cell that holds one must be quoted, and its own quotes doubled.',
        };
  return { fields: [], rule: 'quote', message };
}

export function rowTooLong(limit: number): Violation {
  return {
    fields: [],
    rule: 'length',
    message: {
      fr: `La ligne dépasse ${limit} caractères : un guillemet n’est peut-être pas fermé.`,
      en: `The row exceeds ${limit} characters: perhaps a quote is not closed.`,
    },
  };
}

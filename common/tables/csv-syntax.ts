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

/**
 * Returns a function that finds the delimiter of a text, as a code unit. The text grows from call to call. The delimiter is the
 * one that its first line with any content has most often outside quotes. The function returns undefined until that line is
 * whole, unless no more text comes or the line exceeds `limit`.
 */
export function createDelimiterDetector(limit: number): (text: string, final: boolean) => number | undefined {
  const counts = new Map<number, number>();
  let quoted = false;
  let lineStart = 0;
  let next = 0;

  /** Counts one character outside quotes; true if it ends a line with anything in it. */
  function endsHeader(code: number, text: string): boolean {
    counts.set(code, (counts.get(code) ?? 0) + 1);
    if (code !== LF && code !== CR) return false;
    if (text.slice(lineStart, next).trim() !== '') return true;
    lineStart = next + 1;
    counts.clear();
    return false;
  }

  return (text, final) => {
    for (const end = Math.min(text.length, limit); next < end; next++) {
      const code = text.charCodeAt(next);
      if (code === QUOTE) quoted = !quoted;
      else if (!quoted && endsHeader(code, text)) return mostFrequent(counts);
    }
    return final || text.length >= limit ? mostFrequent(counts) : undefined;
  };
}

function mostFrequent(counts: ReadonlyMap<number, number>): number {
  const count = (delimiter: number) => counts.get(delimiter) ?? 0;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
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

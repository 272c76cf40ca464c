import type { TextReader } from './source-row.ts';

/** A line without its LF, and its 1-based number; `text` is undefined where the line exceeds the limit. */
export type TextLine = { line: number; text: string | undefined };

/** Splits text at LF. It drops the part of a line beyond `maxLineLength`. */
export function createLineReader(maxLineLength: number): TextReader<TextLine> {
  let rest = '';
  let skipping = false;
  let line = 1;
  let isFirst = true;

  /** Adds a piece of the current line; returns the line where it turns out to be too long. */
  function extend(piece: string): TextLine[] {
    if (skipping) return [];
    rest += piece;
    if (rest.length <= maxLineLength) return [];
    rest = '';
    skipping = true;
    return [{ line, text: undefined }];
  }

  function endLine(): TextLine[] {
    const ended = skipping ? [] : [{ line, text: rest }];
    rest = '';
    skipping = false;
    line++;
    return ended;
  }

  return {
    push(text) {
      const lines: TextLine[] = [];
      let start = isFirst && text.startsWith('\uFEFF') ? 1 : 0;
      if (text !== '') isFirst = false;
      for (let end = text.indexOf('\n', start); end >= 0; end = text.indexOf('\n', start)) {
        // Most lines come whole.
        if (rest === '' && !skipping && end - start <= maxLineLength)
          lines.push({ line: line++, text: text.slice(start, end) });
        else lines.push(...extend(text.slice(start, end)), ...endLine());
        start = end + 1;
      }
      lines.push(...extend(text.slice(start)));
      return lines;
    },
    end: () => (rest === '' ? [] : endLine()),
  };
}

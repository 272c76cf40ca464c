import type { Violation } from '../record/violation.ts';
import { findRepeatedKey, givenTwice } from '../repeated-keys.ts';
import { MAX_ROW_LENGTH, type SourceRow, type TextReader } from './source-row.ts';
import { createLineReader, type TextLine } from './text-lines.ts';

/** Reads one JSON value a line. Blank lines are counted, but give no row. A bad line is refused alone, as is one that gives a key twice. */
export function createNdjsonReader({ maxLineLength = MAX_ROW_LENGTH } = {}): TextReader<SourceRow> {
  const lines = createLineReader(maxLineLength);
  const rowsOf = (found: TextLine[]) => {
    const rows: SourceRow[] = [];
    for (const line of found) if (!isBlank(line)) rows.push(rowOf(line, maxLineLength));
    return rows;
  };
  return { push: (text) => rowsOf(lines.push(text)), end: () => rowsOf(lines.end()) };
}

function isBlank({ text }: TextLine): boolean {
  return text !== undefined && !text.startsWith('{') && text.trim() === '';
}

function rowOf({ line, text }: TextLine, limit: number): SourceRow {
  if (text === undefined) return { line, violations: [lineTooLong(limit)] };
  try {
    const value: unknown = JSON.parse(text);
    const repeated = findRepeatedKey(text, value);
    return repeated ? { line, violations: [givenTwice(repeated)] } : { line, value };
  } catch {
    return { line, violations: [notJson] };
  }
}

const notJson: Violation = {
  fields: [],
  rule: 'json',
  message: { fr: 'La ligne n’est pas du JSON valide.', en: 'The line is not valid JSON.' },
};

function lineTooLong(limit: number): Violation {
  return {
    fields: [],
    rule: 'length',
    message: { fr: `La ligne dépasse ${limit} caractères.`, en: `The line exceeds ${limit} characters.` },
  };
}

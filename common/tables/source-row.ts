import type { Violation } from '../record/violation.ts';

/** The longest row or line that is read, in UTF-16 code units: one unclosed quote must not draw a whole file into memory. */
export const MAX_ROW_LENGTH = 65_536;

/**
 * A row that gives no record, and why. `line` is 1-based, and 0 where no line can be named (a file that is not there).
 * `fatal`: nothing of the source is read beyond it. A source that is refused as a whole begins with a fatal row.
 */
export type RefusedRow = { line: number; file?: string; violations: Violation[]; fatal?: true };

/** One record of a source, and where it stands. It is not checked against a contract, unless `Value` says so. */
export type SourceRow<Value = unknown> = { line: number; file?: string; value: Value } | RefusedRow;

/**
 * Reads text that is pushed in chunks, cut anywhere. Each call returns the rows that it completed; `end` says that the
 * last chunk was pushed. After a fatal row, nothing more is returned.
 */
export type TextReader<Row> = { push(text: string): Row[]; end(): Row[] };

/** The rows of a chunked text, in batches that are never empty. Takes no further chunk after a fatal row. */
export async function* readRows<Row extends object>(
  reader: TextReader<Row>,
  chunks: AsyncIterable<string>,
): AsyncGenerator<Row[], void, undefined> {
  for await (const chunk of chunks) {
    const rows = reader.push(chunk);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last && 'fatal' in last) return;
  }
  const rows = reader.end();
  if (rows.length > 0) yield rows;
}

/** The items of a JSON array as rows: `line` is the position in the array, from 1. */
export function rowsOfArray(values: readonly unknown[]): SourceRow[] {
  return values.map((value, i) => ({ line: i + 1, value }));
}

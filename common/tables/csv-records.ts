import type { CellReader, CellReading } from './cells.ts';
import { type CsvHeader, type CsvItem, createPlainCsvReader, splitRow } from './csv-reader.ts';
import type { PlainRow } from './csv-scanner.ts';
import type { SourceRow, TextReader } from './source-row.ts';

/** Reads a CSV file into records. One reader a file; a header that the contract refuses is fatal. */
export function createCsvRecordReader<Row>(readHeader: CellReader<Row>): TextReader<SourceRow<Row>> {
  const csv = createPlainCsvReader();
  let reading: CellReading<Row> | undefined;
  let width = 0;

  function rowsOf(items: (CsvItem | PlainRow)[]): SourceRow<Row>[] {
    const rows: SourceRow<Row>[] = [];
    for (const item of items) {
      if ('names' in item) {
        reading = readHeader(item.names, item.delimiter);
        width = item.names.length;
        if (!reading.ok) return [{ line: item.line, violations: reading.violations, fatal: true }];
      } else {
        const row = rowOf(item);
        if (row) rows.push(row);
      }
    }
    return rows;
  }

  /** The record of a row; null for a row of blank cells. */
  function rowOf(item: Exclude<CsvItem, CsvHeader> | PlainRow): SourceRow<Row> | null {
    if ('violations' in item) return item;
    if (!reading?.ok) return null;
    if ('cells' in item) return { line: item.line, value: reading.read(item.cells) };
    const value = reading.readUnquoted?.(item.text, item.separator);
    if (value !== undefined) return { line: item.line, value };
    const row = splitRow(item, width);
    return row && rowOf(row);
  }

  const isRefused = () => reading?.ok === false;
  return {
    push: (text) => (isRefused() ? [] : rowsOf(csv.push(text))),
    end: () => (isRefused() ? [] : rowsOf(csv.end())),
  };
}

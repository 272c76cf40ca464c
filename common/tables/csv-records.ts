import type { CellReader, CellReading } from './cells.ts';
import { createPlainCsvReader } from './csv-reader.ts';
import type { PlainRow } from './csv-scanner.ts';
import type { SourceRow, TextReader } from './source-row.ts';
import type { Spreadsheet, TableHeader, TableItem, TableReader } from './table.ts';
import { mayBeTotal } from './total-line.ts';

/** Reads a CSV file into records. One reader a file; a header that the contract refuses is fatal. */
export function createCsvRecordReader<Row>(
  readHeader: CellReader<Row>,
  spreadsheet?: Spreadsheet,
): TextReader<SourceRow<Row>> {
  const csv = createPlainCsvReader({ spreadsheet });
  const records = createTableRecords(readHeader, csv.split);
  return {
    push: (text) => (records.isRefused() ? [] : records.rowsOf(csv.push(text))),
    end: () => (records.isRefused() ? [] : records.rowsOf(csv.end())),
  };
}

/** Makes records of the items of one table. `split` is that of the table's reader, where its rows may stay whole. */
export function createTableRecords<Row>(
  readHeader: CellReader<Row>,
  split: TableReader['split'],
): { rowsOf(items: readonly (TableItem | PlainRow)[]): SourceRow<Row>[]; isRefused(): boolean } {
  let reading: CellReading<Row> | undefined;

  /** The record of a row; null for a row of blank cells, and for one that sums up the others. */
  function rowOf(item: Exclude<TableItem, TableHeader> | PlainRow): SourceRow<Row> | null {
    if ('violations' in item) return item;
    if (!reading?.ok) return null;
    if ('cells' in item) {
      if (reading.isTotal?.(item.cells, item.line)) return null;
      return { line: item.line, value: reading.read(item.cells) };
    }
    const isPlain = !reading.isTotal || !mayBeTotal(item.text);
    const value = isPlain ? reading.readUnquoted?.(item.text, item.separator) : undefined;
    if (value !== undefined) return { line: item.line, value };
    const row = split(item);
    return row && rowOf(row);
  }

  return {
    rowsOf(items) {
      const rows: SourceRow<Row>[] = [];
      for (const item of items) {
        if ('names' in item) {
          reading = readHeader(item.names, item.delimiter);
          if (!reading.ok) return [{ line: item.line, violations: reading.violations, fatal: true }];
        } else {
          const row = rowOf(item);
          if (row) rows.push(row);
        }
      }
      return rows;
    },
    isRefused: () => reading?.ok === false,
  };
}

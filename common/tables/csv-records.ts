import type { CellReader, CellReading } from './cells.ts';
import { type CsvItem, createPlainCsvReader, splitRow } from './csv-reader.ts';
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
        reading = readHeader(item.names);
        width = item.names.length;
        if (!reading.ok) return [{ line: item.line, violations: reading.violations, fatal: true }];
      } else if ('violations' in item) rows.push(item);
      else if (reading?.ok) rows.push(rowOf(item, reading));
    }
    return rows;
  }

  function rowOf(item: Exclude<CsvItem, { names: string[] }> | PlainRow, reading: Opened<Row>): SourceRow<Row> {
    if ('violations' in item) return item;
    if ('cells' in item) return { line: item.line, value: reading.read(item.cells) };
    const value = reading.readUnquoted?.(item.text, item.separator);
    return value === undefined ? rowOf(splitRow(item, width), reading) : { line: item.line, value };
  }

  const isRefused = () => reading?.ok === false;
  return {
    push: (text) => (isRefused() ? [] : rowsOf(csv.push(text))),
    end: () => (isRefused() ? [] : rowsOf(csv.end())),
  };
}

type Opened<Row> = Extract<CellReading<Row>, { ok: true }>;

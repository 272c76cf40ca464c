import type { CellReader, CellReading } from './cells.ts';
import { type CsvItem, createCsvReader } from './csv-reader.ts';
import type { SourceRow, TextReader } from './source-row.ts';

/** Reads a CSV file into records. One reader a file; a header that the contract refuses is fatal. */
export function createCsvRecordReader<Row>(readHeader: CellReader<Row>): TextReader<SourceRow<Row>> {
  const csv = createCsvReader();
  let reading: CellReading<Row> | undefined;

  function rowsOf(items: CsvItem[]): SourceRow<Row>[] {
    const rows: SourceRow<Row>[] = [];
    for (const item of items) {
      if ('names' in item) {
        reading = readHeader(item.names);
        if (!reading.ok) return [{ line: item.line, violations: reading.violations, fatal: true }];
      } else if ('violations' in item) rows.push(item);
      else if (reading?.ok) rows.push({ line: item.line, value: reading.read(item.cells) });
    }
    return rows;
  }

  const isRefused = () => reading?.ok === false;
  return {
    push: (text) => (isRefused() ? [] : rowsOf(csv.push(text))),
    end: () => (isRefused() ? [] : rowsOf(csv.end())),
  };
}

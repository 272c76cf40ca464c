import { createCsvScanner, type PlainRow } from './csv-scanner.ts';
import { MAX_ROW_LENGTH, type TextReader } from './source-row.ts';
import { createTableReader, type Spreadsheet, type TableItem, type TableReader } from './table.ts';

type Options = { maxRowLength?: number; spreadsheet?: Spreadsheet | undefined };

/**
 * Reads a CSV file whose first row is a header. The delimiter is what the header uses: a comma, a semicolon or a tab.
 * A row of blank cells is no row, as a blank line is none: spreadsheets write them for rows that were emptied or formatted.
 * A row with too few or too many cells is refused alone; a bad header, a broken quote or an over-long row is fatal.
 */
export function createCsvReader(options: Options = {}): TextReader<TableItem> {
  const reader = createPlainCsvReader(options);
  const split = (items: (TableItem | PlainRow)[]): TableItem[] =>
    items.flatMap((item) => ('text' in item ? reader.split(item) : item) ?? []);
  return { push: (text) => split(reader.push(text)), end: () => split(reader.end()) };
}

/** As `createCsvReader`, but a row in which nothing is quoted stays whole: `split` splits it, or another reader reads its text. */
export function createPlainCsvReader({
  maxRowLength = MAX_ROW_LENGTH,
  spreadsheet,
}: Options = {}): TextReader<TableItem | PlainRow> & Pick<TableReader, 'split'> {
  const scanner = createCsvScanner(maxRowLength, spreadsheet?.isHeader ?? (() => true));
  const table = createTableReader({ spreadsheet, delimiter: () => scanner.delimiter() });
  return {
    push: (text) => table.take(scanner.push(text)),
    end() {
      const items = table.take(scanner.end());
      return [...items, ...table.end()];
    },
    split: table.split,
  };
}

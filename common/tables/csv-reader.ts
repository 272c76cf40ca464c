import type { Violation } from '../record/violation.ts';
import { createCsvScanner, type PlainRow, type ScannedRow } from './csv-scanner.ts';
import { MAX_ROW_LENGTH, type RefusedRow, type TextReader } from './source-row.ts';

/** The header comes first: its names are trimmed, in Unicode's NFC form, never empty nor repeated. A row has as many cells. */
export type CsvItem = CsvHeader | ScannedRow | RefusedRow;
/** `delimiter` is left out for a table that is not delimited text. */
export type CsvHeader = { line: number; names: string[]; delimiter?: string };

type Options = { maxRowLength?: number };

/**
 * Reads a CSV file whose first row is a header. The delimiter is what the header uses: a comma, a semicolon or a tab.
 * A row of blank cells is no row, as a blank line is none: spreadsheets write them for rows that were emptied or formatted.
 * A row with too few or too many cells is refused alone; a bad header, a broken quote or an over-long row is fatal.
 */
export function createCsvReader(options: Options = {}): TextReader<CsvItem> {
  const reader = createPlainCsvReader(options);
  let width = 0;
  function split(items: (CsvItem | PlainRow)[]): CsvItem[] {
    return items.flatMap((item) => {
      if ('names' in item) width = item.names.length;
      return ('text' in item ? splitRow(item, width) : item) ?? [];
    });
  }
  return { push: (text) => split(reader.push(text)), end: () => split(reader.end()) };
}

/** As `createCsvReader`, but a row in which nothing is quoted stays whole: `splitRow` splits it, or another reader reads its text. */
export function createPlainCsvReader({ maxRowLength = MAX_ROW_LENGTH }: Options = {}): TextReader<CsvItem | PlainRow> {
  const scanner = createCsvScanner(maxRowLength);
  let names: string[] | undefined;
  let refused = false;

  function itemOf(row: PlainRow | ScannedRow | RefusedRow): CsvItem | PlainRow {
    if ('violations' in row) return refuse(row);
    if (!names) return readHeader(row.line, 'text' in row ? row.text.split(row.separator) : row.cells);
    return 'text' in row ? row : checkWidth(row, names.length);
  }

  function isBlank(row: PlainRow | ScannedRow | RefusedRow): boolean {
    return names !== undefined && 'cells' in row && isBlankRow(row.cells);
  }

  function readHeader(line: number, cells: readonly string[]): CsvHeader | RefusedRow {
    names = cells.map((cell) => cell.trim().normalize());
    const violations = headerFaults(names);
    return violations.length === 0
      ? { line, names, delimiter: scanner.delimiter() }
      : refuse({ line, violations, fatal: true });
  }

  function refuse(row: RefusedRow): RefusedRow {
    refused = true;
    return row;
  }

  function itemsOf(rows: (PlainRow | ScannedRow | RefusedRow)[]): (CsvItem | PlainRow)[] {
    const items: (CsvItem | PlainRow)[] = [];
    for (const row of rows) if (!refused && !isBlank(row)) items.push(itemOf(row));
    return items;
  }

  return {
    push: (text) => (refused ? [] : itemsOf(scanner.push(text))),
    end() {
      if (refused) return [];
      const items = itemsOf(scanner.end());
      return names || refused ? items : [refuse({ line: 1, violations: [noHeader], fatal: true })];
    },
  };
}

/** The cells of a row under a header of so many columns; null for a row of blank cells. */
export function splitRow({ line, text, separator }: PlainRow, width: number): ScannedRow | RefusedRow | null {
  const cells = text.split(separator);
  return isBlankRow(cells) ? null : checkWidth({ line, cells }, width);
}

/** An empty cell in quotes is a value of a file with one column: nothing else could tell it from a blank line. */
function isBlankRow(cells: readonly string[]): boolean {
  return cells.length > 1 && cells.every((cell) => cell.trim() === '');
}

function checkWidth(row: ScannedRow, width: number): ScannedRow | RefusedRow {
  return row.cells.length === width ? row : { line: row.line, violations: [cellCount(row.cells.length, width)] };
}

function headerFaults(names: readonly string[]): Violation[] {
  const nameless = names.flatMap((name, i) => (name === '' ? [i + 1] : []));
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    if (name !== '' && seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  const unnamed = nameless.length > 0 ? [columnsWithoutName(nameless)] : [];
  return [...unnamed, ...[...repeated].map(repeatedName)];
}

const noHeader: Violation = {
  fields: [],
  rule: 'header',
  message: {
    fr: 'Le fichier est vide : sa première ligne doit nommer les colonnes.',
    en: 'The file is empty: its first line must name the columns.',
  },
};

function columnsWithoutName(positions: readonly number[]): Violation {
  const list = positions.slice(0, 10).join(', ') + (positions.length > 10 ? ', …' : '');
  return {
    fields: [],
    rule: 'header',
    message: { fr: `Des colonnes n'ont pas de nom (${list}).`, en: `Some columns have no name (${list}).` },
  };
}

function repeatedName(name: string): Violation {
  return {
    fields: [name],
    rule: 'given-once',
    message: { fr: `Plusieurs colonnes se nomment « ${name} ».`, en: `Several columns are named "${name}".` },
  };
}

function cellCount(found: number, expected: number): Violation {
  return {
    fields: [],
    rule: 'cell-count',
    message: {
      fr: `L'en-tête nomme ${expected} colonnes ; cette ligne en a ${found}.`,
      en: `The header names ${expected} columns; this row has ${found}.`,
    },
  };
}

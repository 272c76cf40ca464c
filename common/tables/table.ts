import type { Violation } from '../record/violation.ts';
import type { PlainRow, ScannedRow } from './csv-scanner.ts';
import { type HeaderTest, isSeparatorLine, SEARCHED_LINES } from './csv-syntax.ts';
import type { RefusedRow } from './source-row.ts';
import { listShown, type TableNotes } from './table-notes.ts';

/**
 * The header of a table: its names are trimmed and in Unicode's NFC form. None is empty, unless the table is a spreadsheet's:
 * nothing is read below such a one. `delimiter` is left out for a table that is not delimited text.
 */
export type TableHeader = { line: number; names: string[]; delimiter?: string };

/** The header comes first. A row has as many cells. */
export type TableItem = TableHeader | ScannedRow | RefusedRow;

/** A row as a source has it. Text without quotes may stay whole, until `split` or another reader splits it. */
type TableRow = PlainRow | ScannedRow | RefusedRow;

/**
 * How a file that people saved from a spreadsheet is read: its header may stand below a title, and columns without a name may
 * stand at its sides. `notes` takes what was left out.
 */
export type Spreadsheet = { isHeader: HeaderTest; notes: TableNotes };

type Options = {
  /** Without it, the first row is the header, and every column must have a name of its own. */
  spreadsheet?: Spreadsheet | undefined;
  /** The delimiter of text, once there is a row. */
  delimiter?: () => string;
};

/** Makes a table of rows that come in order. Nothing comes after a fatal row. */
export type TableReader = {
  take(rows: readonly TableRow[]): (TableItem | PlainRow)[];
  end(): (TableItem | PlainRow)[];
  /** The cells of a row that stayed whole; null for a row of blank cells. */
  split(row: PlainRow): ScannedRow | RefusedRow | null;
};

/**
 * Finds the header among rows of cells, and checks that the rows below it fit. A row of blank cells is no row: spreadsheets write
 * them for rows that were emptied or formatted.
 */
export function createTableReader({ spreadsheet, delimiter }: Options): TableReader {
  /** The rows that were looked at for a header; null once there is one. */
  let waiting: (PlainRow | ScannedRow)[] | null = [];
  let isFirst = true;
  let refused = false;
  let shape: Shape = { width: 0, named: 0, lead: 0, mayBeCut: false };

  function split({ line, text, separator }: PlainRow): ScannedRow | RefusedRow | null {
    const cells = text.split(separator);
    return isBlankRow(cells) ? null : fitRow({ line, cells }, shape);
  }

  function refuse(row: RefusedRow): RefusedRow {
    refused = true;
    return row;
  }

  /** Reads the header from the rows that were looked at, the one at `at`, and the rows below it. */
  function open(rows: readonly (PlainRow | ScannedRow)[], at: number): (TableItem | PlainRow)[] {
    waiting = null;
    const header = rows[at];
    if (!header) return [];
    const names = namesOf(header);
    const faults = spreadsheet ? [] : headerFaults(names);
    if (faults.length > 0) return [refuse({ line: header.line, violations: faults, fatal: true })];
    shape = shapeOf(names, delimiter?.());
    if (spreadsheet) {
      noteAbove(rows.slice(0, at), spreadsheet.notes);
      noteNameless(names, shape, spreadsheet.notes);
    }
    return [
      { line: header.line, names, ...(delimiter && { delimiter: delimiter() }) },
      ...rows.slice(at + 1).flatMap((row) => rowOf(row) ?? []),
    ];
  }

  function rowOf(row: PlainRow | ScannedRow): PlainRow | ScannedRow | RefusedRow | null {
    if ('text' in row) return row;
    return isBlankRow(row.cells) ? null : fitRow(row, shape);
  }

  /** Looks for the header in one more row. */
  function look(row: PlainRow | ScannedRow, rows: (PlainRow | ScannedRow)[]): (TableItem | PlainRow)[] {
    const cells = cellsOf(row);
    const wasFirst = isFirst;
    isFirst = false;
    if (wasFirst && isSeparatorLine(cells, delimiter?.() ?? ',')) return [];
    if (spreadsheet && isBlankRow(cells)) return [];
    rows.push(row);
    if (!spreadsheet || spreadsheet.isHeader(namesOf(row))) return open(rows, rows.length - 1);
    return rows.length < SEARCHED_LINES ? [] : open(rows, likeliestHeader(rows));
  }

  function itemsOf(row: TableRow): (TableItem | PlainRow)[] {
    if ('violations' in row) {
      const before = waiting ? open(waiting, likeliestHeader(waiting)) : [];
      return refused ? before : [...before, refuse(row)];
    }
    if (waiting) return look(row, waiting);
    const item = rowOf(row);
    return item ? [item] : [];
  }

  return {
    take(rows) {
      const items: (TableItem | PlainRow)[] = [];
      for (const row of rows) {
        if (refused) break;
        // Most rows stay whole: those of a large file must not each make a list.
        if (!waiting && 'text' in row) items.push(row);
        else items.push(...itemsOf(row));
      }
      return items;
    },
    end() {
      if (refused || !waiting) return [];
      if (waiting.length === 0) return [refuse({ line: 1, violations: [noHeader], fatal: true })];
      return open(waiting, likeliestHeader(waiting));
    },
    split,
  };
}

function cellsOf(row: PlainRow | ScannedRow): string[] {
  return 'text' in row ? row.text.split(row.separator) : row.cells;
}

function namesOf(row: PlainRow | ScannedRow): string[] {
  return cellsOf(row).map((cell) => cell.trim().normalize());
}

/** The first row that fills at least half as many cells as the fullest: a title fills one or two. */
function likeliestHeader(rows: readonly (PlainRow | ScannedRow)[]): number {
  const filled = rows.map((row) => cellsOf(row).filter((cell) => cell.trim() !== '').length);
  const most = Math.max(...filled);
  return filled.findIndex((count) => count * 2 >= most);
}

/** An empty cell in quotes is a value of a file with one column: nothing else could tell it from a blank line. */
function isBlankRow(cells: readonly string[]): boolean {
  return cells.length > 1 && cells.every((cell) => cell.trim() === '');
}

/**
 * How many cells the header has, how many up to its last name, and how many before its first one. `mayBeCut`: whether blank cells may be
 * missing at the end of a row, or be there beyond the header's.
 */
type Shape = { width: number; named: number; lead: number; mayBeCut: boolean };

/**
 * Between commas every cell counts: where the comma also begins decimals, a row has more cells than it should, and a blank one at
 * its end must not hide that.
 */
function shapeOf(names: readonly string[], delimiter: string | undefined): Shape {
  const named = names.findLastIndex((name) => name !== '') + 1;
  const lead = names.findIndex((name) => name !== '');
  return { width: names.length, named, lead, mayBeCut: delimiter !== ',' };
}

function fitRow(row: ScannedRow, shape: Shape): ScannedRow | RefusedRow {
  const { line, cells } = row;
  const { width, named, lead, mayBeCut } = shape;
  if (cells.length !== width && !(mayBeCut && cells.length >= named && isBlank(cells.slice(width))))
    return { line, violations: [cellCount(cells.length, width)] };
  if (named === width && cells.length === width) return row;
  const after = cells.findIndex((cell, i) => i >= Math.max(named, lead) && cell.trim() !== '');
  if (after >= 0) return { line, violations: [valueWithoutName(after + 1)] };
  return {
    line,
    cells: cells.length < width ? [...cells, ...Array<string>(width - cells.length).fill('')] : cells.slice(0, width),
  };
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

function noteAbove(rows: readonly (PlainRow | ScannedRow)[], notes: TableNotes): void {
  if (rows.length === 0) return;
  const { fr, en } = listShown(rows.map(({ line }) => String(line)));
  const isOne = rows.length === 1;
  notes.add('above-header', [], {
    fr: isOne
      ? `La ligne ${fr}, au-dessus de l’en-tête, n’est pas lue.`
      : `Les lignes ${fr}, au-dessus de l’en-tête, ne sont pas lues.`,
    en: isOne ? `Line ${en}, above the header, is not read.` : `Lines ${en}, above the header, are not read.`,
  });
}

function noteNameless(names: readonly string[], { named, lead, width }: Shape, notes: TableNotes): void {
  const between = names.slice(0, named).flatMap((name, i) => (name === '' && i >= lead ? [String(i + 1)] : []));
  if (lead > 0)
    notes.add('column-without-name', [], {
      fr:
        lead === 1
          ? 'La première colonne n’a pas de nom (l’index de pandas ?) : elle n’est pas lue.'
          : `Les ${lead} premières colonnes n’ont pas de nom : elles ne sont pas lues.`,
      en:
        lead === 1
          ? 'The first column has no name (the index of pandas?), and is not read.'
          : `The first ${lead} columns have no name, and are not read.`,
    });
  if (between.length > 0) {
    const { fr, en } = listShown(between);
    notes.add('column-without-name', [], {
      fr: `Des colonnes n’ont pas de nom (${fr}) : elles ne sont pas lues.`,
      en: `Some columns have no name (${en}), and are not read.`,
    });
  }
  if (width > named)
    notes.add('column-without-name', [], {
      fr: `Après la colonne ${named}, l’en-tête ne nomme plus rien : les colonnes vides ne sont pas lues.`,
      en: `After column ${named}, the header names nothing more: the empty columns are not read.`,
    });
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
  const isIndex = positions.length === 1 && positions[0] === 1;
  return {
    fields: [],
    rule: 'header',
    message: {
      fr: `Des colonnes n'ont pas de nom (${list}).${isIndex ? ' Si c’est l’index de pandas, écrivez le fichier avec index=False.' : ''}`,
      en: `Some columns have no name (${list}).${isIndex ? ' If it is the index of pandas, write the file with index=False.' : ''}`,
    },
  };
}

/** A name that several columns have. */
export function repeatedName(name: string): Violation {
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

function valueWithoutName(position: number): Violation {
  return {
    fields: [],
    rule: 'cell-count',
    message: {
      fr: `La colonne ${position} n’a pas de nom, et cette ligne y a une valeur : nommez la colonne, ou videz-la.`,
      en: `Column ${position} has no name, and this row has a value there: name the column, or empty it.`,
    },
  };
}

export type CsvValue = string | number | boolean | null;

export type CsvWriter = {
  /** The first line of the file. */
  header: string;
  /** One record as a line; a name that it lacks is an empty cell. */
  line(record: Readonly<Record<string, CsvValue>>): string;
  /** The same of values that are in the columns' order. */
  row(values: readonly CsvValue[]): string;
};

/** Writes records as CSV (RFC 4180: commas, CRLF at the end of every line, numbers with a dot), one column a name. */
export function createCsvWriter(names: readonly string[]): CsvWriter {
  return {
    header: lineOf(names),
    line: (record) => lineOf(names.map((name) => (Object.hasOwn(record, name) ? (record[name] ?? null) : null))),
    row: lineOf,
  };
}

function lineOf(values: readonly CsvValue[]): string {
  return `${values.map(cellOf).join(',')}\r\n`;
}

/** A value as it stands between the commas. */
export function cellOf(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  return PECULIAR.test(value) ? quoted(neutralised(value)) : value;
}

/** Matches a cell that begins as a formula, or has a character that must be quoted: most cells do neither. */
const PECULIAR = /^[=+\-@]|[",;\t\r\n]/;

/** https://owasp.org/www-community/attacks/CSV_Injection: a spreadsheet runs text that begins so as a formula. */
function neutralised(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/** Also quotes other delimiters: a French Excel splits cells at ";". */
function quoted(text: string): string {
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

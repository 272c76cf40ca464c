import { isPlainObject } from '../../plain-object.ts';

/**
 * JSON bodies of MLflow's scoring protocol, as records.
 * https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input
 */

/**
 * The records to predict, made one by one and not yet checked against a contract; or a message to the caller that says why there
 * are none.
 */
export type ScoringTable = { ok: true; rows: number; recordAt(row: number): unknown } | { ok: false; message: string };

const FORMATS = {
  dataframe_split: readSplit,
  dataframe_records: readRecords,
  instances: readTensors,
  inputs: readTensors,
} as const satisfies Record<string, (value: unknown, field: string) => ScoringTable>;

const EXACTLY_ONE = `The body must be a JSON object with exactly one of: ${Object.keys(FORMATS).join(', ')}.`;

/** Reads a body that was JSON. Other fields (`params`, say) are left aside, as by MLflow for a model without parameters. */
export function readScoringRequest(body: unknown): ScoringTable {
  if (!isPlainObject(body)) return refuse(EXACTLY_ONE);
  const given = Object.entries(FORMATS).filter(([name]) => Object.hasOwn(body, name));
  const [format, another] = given;
  if (!format) return refuse(EXACTLY_ONE);
  if (another) return refuse(`${EXACTLY_ONE} This one has: ${given.map(([name]) => name).join(', ')}.`);
  const [name, read] = format;
  return read(body[name], name);
}

/** As pandas' `to_dict(orient="split")` writes it: names once, then a list of values for each row. */
function readSplit(value: unknown): ScoringTable {
  if (!isPlainObject(value)) return refuse('"dataframe_split" must be an object with "columns" and "data".');
  const { columns, data, index, ...rest } = value;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    return refuse(`"dataframe_split" has "columns", "data" and at most "index", not "${cut(unknown)}".`);
  if (!isNames(columns)) return refuse('"columns" of "dataframe_split" must be a list of names.');
  if (new Set(columns).size < columns.length) return refuse('"columns" of "dataframe_split" has a name twice.');
  if (!Array.isArray(data)) return refuse('"data" of "dataframe_split" must be a list of rows.');
  if (index !== undefined && !(Array.isArray(index) && index.length === data.length))
    return refuse('"index" of "dataframe_split" must be a list with one entry for each row.');

  const odd = data.findIndex((row) => lengthOf(row) !== columns.length);
  if (odd !== -1)
    return refuse(
      `Row ${odd} of "dataframe_split" must be a list with one value for each of ${columns.length} columns.`,
    );
  return { ok: true, rows: data.length, recordAt: (row) => toNamedRecord(columns, (column) => data[row]?.[column]) };
}

/** One object for each row. Lists without names are refused: nothing would tell that their columns are in another order. */
function readRecords(value: unknown, field: string): ScoringTable {
  if (!Array.isArray(value)) return refuse(`"${field}" must be a list with one object for each row.`);
  if (value.length === 0) return refuse(`"${field}" has no rows.`);
  const nameless = value.findIndex((row) => !isPlainObject(row));
  return nameless === -1
    ? { ok: true, rows: value.length, recordAt: (row) => value[row] }
    : refuse(`Row ${nameless} of "${field}" must be an object that names the columns.`);
}

/** One object for each row; one list of values for each column; or one value for each column, of a single row. */
function readTensors(value: unknown, field: string): ScoringTable {
  if (!isPlainObject(value)) return readRecords(value, field);
  const columns = Object.entries(value);
  const [first] = columns;
  if (!first) return refuse(`"${field}" has no columns.`);
  const rows = lengthOf(first[1]);
  const other = columns.find(([, values]) => lengthOf(values) !== rows);
  if (other)
    return refuse(
      `The columns of "${field}" must be lists of one length: "${cut(first[0])}" and "${cut(other[0])}" are not.`,
    );
  if (rows === null) return { ok: true, rows: 1, recordAt: () => value };
  const names = columns.map(([name]) => name);
  const lists = columns.map(([, values]) => (Array.isArray(values) ? values : []));
  return { ok: true, rows, recordAt: (row) => toNamedRecord(names, (column) => lists[column]?.[row]) };
}

/** The length of a list; null for any other value. */
function lengthOf(list: unknown): number | null {
  return Array.isArray(list) ? list.length : null;
}

export function recordsOf({ rows, recordAt }: Extract<ScoringTable, { ok: true }>): unknown[] {
  return Array.from({ length: rows }, (_, row) => recordAt(row));
}

function toNamedRecord(names: readonly string[], valueAt: (column: number) => unknown): Record<string, unknown> {
  // Not by assignment: a column named "__proto__" must stay a column.
  return Object.fromEntries(names.map((name, column) => [name, valueAt(column)]));
}

function refuse(message: string): ScoringTable {
  return { ok: false, message };
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** How much of a name that was sent an answer repeats. */
function cut(name: string): string {
  return name.slice(0, 100);
}

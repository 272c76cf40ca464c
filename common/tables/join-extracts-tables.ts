import type { Contract } from '../contract/contract.ts';
import type { Text } from '../contract/text.ts';
import type { Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { columnsByName, createHeaderCheck, createRecordReader, openColumns } from './cells.ts';
import type { ScannedRow } from './csv-scanner.ts';
import { givenInTwoFiles, identifierColumnMissing, missingExtract, unknownExtract } from './join-extracts-messages.ts';
import { type ColumnMapping, createColumnMatcher } from './match-columns.ts';
import type { RefusedRow } from './source-row.ts';
import {
  createTotalLines,
  missingColumns,
  noteAbsent,
  noteColumns,
  repeatedFields,
  unknownColumns,
} from './spreadsheet.ts';
import type { TableHeader, TableItem } from './table.ts';
import type { TableNotes } from './table-notes.ts';
import { createTotalTest } from './total-line.ts';

/** A file as `createCsvReader` read it from a spreadsheet, its name for messages, and the notes about it. */
export type Extract = { file: string; items: readonly TableItem[]; notes: TableNotes };

/** An extract that has an identifier, with its rows in the file's order. */
export type Table = {
  file: string;
  rows: (ScannedRow | RefusedRow)[];
  /** Place of the identifier among the cells. */
  identifierAt: number;
  /** A row's features, without the identifier. Rows are read in their order. */
  read(cells: readonly string[]): Record<string, unknown>;
};

/** `names` are as the file has them; `fields` are those that they were recognised as, "" for none. */
type Header = TableHeader & Extract & { group: string; fields: string[] };

/** Tables in the order of the contract's groups; or, if there is any, everything that prevents a join. */
export type OpenTables = (extracts: ReadonlyMap<string, Extract>) => { tables: Table[]; refusals: RefusedRow[] };

export function createTableOpener(
  contract: Contract,
  identifier: string,
  validate: Validator,
  mapping?: ColumnMapping,
): OpenTables {
  const match = createColumnMatcher(contract, mapping);
  const isTotal = createTotalTest(contract);
  const columns = columnsByName(contract);
  const features = new Map([...columns].filter(([, { field }]) => field !== identifier));
  const groupOf = new Map(contract.features.map(({ name, group }) => [name, group]));
  const groups = contract.groups.filter(({ id }) => [...groupOf.values()].includes(id));
  const checkHeader = createHeaderCheck(validate);

  const isIdentifier = (name: string) => columns.get(name)?.field === identifier;
  const featuresOf = ({ fields }: Header) => new Set(fields.flatMap((name) => features.get(name)?.field ?? []));

  /** The faults of one file's header by itself. */
  function headerFaults({ names, fields }: Header): Violation[] {
    const faults = checkHeader(fields.filter((field) => field !== '')).filter(({ rule }) => rule !== 'required');
    const own = [...repeatedFields(names, fields), ...faults];
    return fields.some(isIdentifier) ? own : [...own, identifierColumnMissing(identifier)];
  }

  /** The faults of the headers beside each other: a feature that two files have, or that no file has. */
  function compareHeaders(headers: readonly Header[]): Violation[][] {
    const fileOf = new Map<string, string>();
    const repeated = headers.map((header) =>
      [...featuresOf(header)].flatMap((feature) => {
        const earlier = fileOf.get(feature);
        fileOf.set(feature, header.file);
        return earlier === undefined ? [] : [givenInTwoFiles(feature, earlier, header.file)];
      }),
    );
    const missing = missingColumns(checkHeader([...fileOf.keys()]).filter(({ rule }) => rule === 'required'));
    return headers.map(({ group }, i) => [
      ...(repeated[i] ?? []),
      ...missing.filter(({ fields }) => fields.some((field) => groupOf.get(field) === group)),
    ]);
  }

  function tableOf({ file, names, fields, delimiter, items, notes }: Header): Table {
    noteColumns(names, fields, notes);
    const isTotalLine = createTotalLines(isTotal, fields, notes);
    const rows = items.flatMap((item) => {
      if ('names' in item) return [];
      return 'cells' in item && isTotalLine(item.cells, item.line) ? [] : [item];
    });
    const read = createRecordReader(openColumns(fields, features, delimiter));
    return { file, rows, identifierAt: fields.findIndex(isIdentifier), read };
  }

  function findHeader(
    group: string,
    label: Text,
    extract: Extract,
    { headers, refusals }: { headers: Header[]; refusals: RefusedRow[] },
  ): void {
    const { file, items } = extract;
    const broken = items.flatMap((item) => ('fatal' in item ? [{ ...item, file }] : []));
    const [header] = items.flatMap((item) => ('names' in item ? [item] : []));
    if (header) headers.push({ ...header, ...extract, group, fields: match(header.names) });
    else if (broken.length === 0) refusals.push(fatal([missingExtract(label)], { line: 0 }));
    refusals.push(...broken);
  }

  /** The headers, in the order of the groups, or why there is one that cannot be read. */
  function findHeaders(extracts: ReadonlyMap<string, Extract>): { headers: Header[]; refusals: RefusedRow[] } {
    const headers: Header[] = [];
    const refusals: RefusedRow[] = [];
    for (const [id, { file }] of extracts) {
      if (!groups.some((group) => group.id === id)) refusals.push(fatal([unknownExtract(id)], { file, line: 0 }));
    }
    for (const { id, label } of groups) {
      const extract = extracts.get(id);
      if (!extract) refusals.push(fatal([missingExtract(label)], { line: 0 }));
      else findHeader(id, label, extract, { headers, refusals });
    }
    return { headers, refusals };
  }

  return (extracts) => {
    const { headers, refusals } = findHeaders(extracts);
    if (refusals.length > 0) return { tables: [], refusals };
    const besideOthers = compareHeaders(headers);
    const alone = headers.map(headerFaults);
    // A column that is missing may be there under a name that nobody recognises, in any of the files.
    const isMissing = [...alone, ...besideOthers].flat().some(({ rule }) => rule === 'required');
    const faults = headers.flatMap(({ file, line, names, fields }, i) => {
      const unknown = isMissing ? unknownColumns(names, fields) : [];
      const violations = [...(alone[i] ?? []), ...unknown, ...(besideOthers[i] ?? [])];
      return violations.length > 0 ? [fatal(violations, { file, line })] : [];
    });
    if (faults.length > 0) return { tables: [], refusals: faults };
    const given = headers.flatMap(({ fields }) => fields);
    for (const { group, notes } of headers)
      noteAbsent(
        contract.features.filter((feature) => feature.group === group),
        given,
        notes,
      );
    return { tables: headers.map(tableOf), refusals: [] };
  };
}

function fatal(violations: Violation[], where: { file?: string; line: number }): RefusedRow {
  return { ...where, violations, fatal: true };
}

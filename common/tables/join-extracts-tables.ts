import type { Contract } from '../contract/contract.ts';
import type { Validator } from '../record/validation.ts';
import type { Violation } from '../record/violation.ts';
import { columnsByName, createHeaderCheck, createRecordReader, openColumns } from './cells.ts';
import type { CsvHeader, CsvItem } from './csv-reader.ts';
import type { ScannedRow } from './csv-scanner.ts';
import { givenInTwoFiles, identifierColumnMissing, missingExtract, unknownExtract } from './join-extracts-messages.ts';
import type { RefusedRow } from './source-row.ts';

/** A file as `createCsvReader` gave it, and its name for messages. */
export type Extract = { file: string; items: readonly CsvItem[] };

/** An extract that has an identifier, with its rows in the file's order. */
export type Table = {
  file: string;
  rows: (ScannedRow | RefusedRow)[];
  /** Place of the identifier among the cells. */
  identifierAt: number;
  /** A row's features, without the identifier. Rows are read in their order. */
  read(cells: readonly string[]): Record<string, unknown>;
};

type Header = CsvHeader & { group: string; file: string; items: readonly CsvItem[] };

/** Tables in the order of the contract's groups; or, if there is any, everything that prevents a join. */
export type OpenTables = (extracts: ReadonlyMap<string, Extract>) => { tables: Table[]; refusals: RefusedRow[] };

export function createTableOpener(contract: Contract, identifier: string, validate: Validator): OpenTables {
  const columns = columnsByName(contract);
  const features = new Map([...columns].filter(([, { field }]) => field !== identifier));
  const groupOf = new Map(contract.features.map(({ name, group }) => [name, group]));
  const groups = contract.groups.filter(({ id }) => [...groupOf.values()].includes(id));
  const checkHeader = createHeaderCheck(validate);

  const isIdentifier = (name: string) => columns.get(name)?.field === identifier;
  const featuresOf = ({ names }: Header) => new Set(names.flatMap((name) => features.get(name)?.field ?? []));

  /** The faults of one file's header by itself. */
  function headerFaults({ names }: Header): Violation[] {
    const faults = checkHeader(names).filter(({ rule }) => rule !== 'required');
    return names.some(isIdentifier) ? faults : [...faults, identifierColumnMissing(identifier)];
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
    const missing = checkHeader([...fileOf.keys()]).filter(({ rule }) => rule === 'required');
    return headers.map(({ group }, i) => [
      ...(repeated[i] ?? []),
      ...missing.filter(({ fields }) => fields.some((field) => groupOf.get(field) === group)),
    ]);
  }

  function tableOf({ file, names, delimiter, items }: Header): Table {
    const rows = items.flatMap((item) => ('names' in item ? [] : [item]));
    const read = createRecordReader(openColumns(names, features, delimiter));
    return { file, rows, identifierAt: names.findIndex(isIdentifier), read };
  }

  /** The headers, in the order of the groups, or why there is one that cannot be read. */
  function findHeaders(extracts: ReadonlyMap<string, Extract>): { headers: Header[]; refusals: RefusedRow[] } {
    const headers: Header[] = [];
    const refusals: RefusedRow[] = [];
    for (const [id, { file }] of extracts) {
      if (!groups.some((group) => group.id === id)) refusals.push(fatal([unknownExtract(id)], { file, line: 0 }));
    }
    for (const { id, label } of groups) {
      const { file, items } = extracts.get(id) ?? { file: '', items: [] };
      const broken = items.flatMap((item) => ('fatal' in item ? [{ ...item, file }] : []));
      const header = items.find((item) => 'names' in item);
      if (header) headers.push({ ...header, group: id, file, items });
      if (!header && broken.length === 0) refusals.push(fatal([missingExtract(label)], { line: 0 }));
      refusals.push(...broken);
    }
    return { headers, refusals };
  }

  return (extracts) => {
    const { headers, refusals } = findHeaders(extracts);
    if (refusals.length > 0) return { tables: [], refusals };
    const besideOthers = compareHeaders(headers);
    const faults = headers.flatMap((header, i) => {
      const violations = [...headerFaults(header), ...(besideOthers[i] ?? [])];
      return violations.length > 0 ? [fatal(violations, { file: header.file, line: header.line })] : [];
    });
    return { tables: faults.length > 0 ? [] : headers.map(tableOf), refusals: faults };
  };
}

function fatal(violations: Violation[], where: { file?: string; line: number }): RefusedRow {
  return { ...where, violations, fatal: true };
}

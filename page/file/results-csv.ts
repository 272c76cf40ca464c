import type { Contract } from '../../common/contract/contract.ts';
import { outcomeCells, outputKind } from '../../common/contract/outputs/outputs.ts';
import { type CsvValue, createCsvWriter } from '../../common/tables/csv-writer.ts';
import type { Language } from '../language.ts';
import { describeNotes } from './notes.ts';
import type { Row } from './rows.ts';

/** Without it, Excel takes UTF-8 for the code page of its system. */
const BYTE_ORDER_MARK = '\uFEFF';

/** The columns on each side of the outcome. */
const BEFORE = ['line', 'file', 'id', 'identifier'];
const AFTER = ['warnings', 'errors', 'model'];

/** The results as CSV for a spreadsheet, as pieces of text. The columns are named as in the API's answer to a batch. */
export function resultsCsv(rows: readonly Row[], contract: Contract, language: Language): string[] {
  const { columns } = outputKind(contract.output).csv;
  const { header, line } = createCsvWriter([...BEFORE, ...columns, ...AFTER]);
  const model = `${contract.name} ${contract.version}`;
  return [BYTE_ORDER_MARK, header, ...rows.map((row) => line(cellsOf(row, { contract, language, model })))];
}

type Context = { contract: Contract; language: Language; model: string };

function cellsOf(row: Row, { contract, language, model }: Context): Record<string, CsvValue> {
  const { line, file, identifier } = row;
  const notes = describeNotes(row.notes, contract, language).join(' ');
  const place = { line, file, identifier };
  if (row.status === 'refused') return { ...place, errors: notes };
  return row.status === 'predicted'
    ? { ...place, id: row.result.id, ...outcomeCells(row.result), warnings: notes, model }
    : { ...place, warnings: notes };
}

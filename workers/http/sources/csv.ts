import { createCheckedCellReader } from '../../../common/tables/cells.ts';
import { createCsvRecordReader } from '../../../common/tables/csv-records.ts';
import { readRows } from '../../../common/tables/source-row.ts';
import { createSpreadsheetReader } from '../../../common/tables/spreadsheet.ts';
import { createTableNotes } from '../../../common/tables/table-notes.ts';
import type { Predictor } from '../../ports.ts';
import { decodeTable, readChunks, type Source, type SourceOptions } from './source.ts';

/** A CSV file, one record a row, read while it arrives. */
export async function openCsv(
  request: Request,
  { contract, validate }: Predictor,
  options: SourceOptions,
): Promise<Source> {
  const { chunks, fingerprint } = await readChunks(request, options);
  const notes = createTableNotes();
  const text = decodeTable(chunks, request.headers.get('content-type') ?? '', notes);
  const spreadsheet = createSpreadsheetReader(contract, validate).open(notes);
  const reader = createCsvRecordReader(
    createCheckedCellReader(contract, validate, spreadsheet.readHeader),
    spreadsheet,
  );
  return { rows: readRows(reader, text), fingerprint, notes: notes.list };
}

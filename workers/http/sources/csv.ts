import { createCheckedCellReader } from '../../../common/tables/cells.ts';
import { createCsvRecordReader } from '../../../common/tables/csv-records.ts';
import { readRows } from '../../../common/tables/source-row.ts';
import type { Predictor } from '../../ports.ts';
import { readText, type Source, type SourceOptions } from './source.ts';

/** A CSV file, one record a row, read while it arrives. */
export async function openCsv(
  request: Request,
  { contract, validate }: Predictor,
  options: SourceOptions,
): Promise<Source> {
  const { text, fingerprint } = await readText(request, options, 'invalid-csv');
  const reader = createCsvRecordReader(createCheckedCellReader(contract, validate));
  return { rows: readRows(reader, text), fingerprint };
}

import type { Contract } from '../../contract/contract.ts';
import type { Validator } from '../../record/validation.ts';
import { createCellReader } from '../../tables/cells.ts';
import { createCsvRecordReader } from '../../tables/csv-records.ts';
import type { RefusedRow } from '../../tables/source-row.ts';
import type { ScoringTable } from './scoring-request.ts';

/** How many faults of a line are named. */
const SHOWN_FAULTS = 10;

/**
 * The records of a CSV body with a header line. `validate`, the contract's validator, has not seen their values yet. A line that
 * cannot be read refuses the whole body.
 */
export function readScoringCsv(text: string, contract: Contract, validate: Validator): ScoringTable {
  const reader = createCsvRecordReader(createCellReader(contract, validate));
  const records: unknown[] = [];
  for (const row of [...reader.push(text), ...reader.end()]) {
    if ('violations' in row) return { ok: false, message: describeRefusedRow(row) };
    records.push(row.value);
  }
  return { ok: true, rows: records.length, recordAt: (row) => records[row] };
}

function describeRefusedRow({ line, violations }: RefusedRow): string {
  const shown = violations.slice(0, SHOWN_FAULTS).map(({ fields, message }) => [...fields, message.en].join(': '));
  const others = violations.length > SHOWN_FAULTS ? ` And ${violations.length - SHOWN_FAULTS} more.` : '';
  return `Line ${line}: ${shown.join(' ')}${others}`;
}

import { rowsOfArray, type SourceRow } from '../../../common/tables/source-row.ts';
import type { Predictor } from '../../ports.ts';
import { sha256Hex } from '../../sha256.ts';
import { parseJsonArray } from '../read-json.ts';
import { check, readHeld, type Source, type SourceOptions } from './source.ts';

/** A JSON array of records, held in memory: at most 8 MiB. */
export async function openJson(
  request: Request,
  { validate }: Predictor,
  { maxBytes, maxRows, withFingerprint }: SourceOptions,
): Promise<Source> {
  const held = await readHeld(request, maxBytes);
  return {
    rows: check([readArray(held, maxRows)], validate),
    fingerprint: withFingerprint ? await sha256Hex(held) : null,
    notes: () => [],
  };
}

function readArray(bytes: Uint8Array, maxRows: number): SourceRow[] {
  const { items, refusals } = parseJsonArray(bytes, maxRows);
  const rows = rowsOfArray(items);
  for (const [at, violation] of refusals) rows[at] = { line: at + 1, violations: [violation] };
  return rows;
}

import { describeRowLimit } from '../../../common/api/problems.ts';
import { rowsOfArray, type SourceRow } from '../../../common/tables/source-row.ts';
import { ProblemError } from '../../errors.ts';
import type { Predictor } from '../../ports.ts';
import { sha256Hex } from '../../sha256.ts';
import { parseJson } from '../read-json.ts';
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
  };
}

function readArray(bytes: Uint8Array, maxRows: number): SourceRow[] {
  const body = parseJson(bytes);
  if (!Array.isArray(body))
    throw new ProblemError('invalid-json', { detail: 'A batch in JSON must be an array of records.' });
  if (body.length > maxRows) throw new ProblemError('too-many-rows', { detail: describeRowLimit(maxRows) });
  return rowsOfArray(body);
}

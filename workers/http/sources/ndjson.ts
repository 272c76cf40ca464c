import { createNdjsonReader } from '../../../common/tables/ndjson.ts';
import { readRows } from '../../../common/tables/source-row.ts';
import type { Predictor } from '../../ports.ts';
import { check, decode, readChunks, type Source, type SourceOptions } from './source.ts';

/** NDJSON, one record a line, read while it arrives. */
export async function openNdjson(request: Request, { validate }: Predictor, options: SourceOptions): Promise<Source> {
  const { chunks, fingerprint } = await readChunks(request, options);
  const text = decode(chunks, 'invalid-json');
  return { rows: check(readRows(createNdjsonReader(), text), validate), fingerprint, notes: () => [] };
}

import type { BatchMediaType } from '../../../common/api/batch-format.ts';
import { ProblemError } from '../../errors.ts';
import type { Predictor } from '../../ports.ts';
import { mediaTypeOf } from '../read-body.ts';
import { openCsv } from './csv.ts';
import { openExtracts } from './extracts.ts';
import { openJson } from './json.ts';
import { openNdjson } from './ndjson.ts';
import type { Source, SourceOptions } from './source.ts';

/** A format of a batch: how its records are read, and the format of the answer where the caller prefers none. */
export type SourceFormat = {
  open(request: Request, predictor: Predictor, options: SourceOptions): Promise<Source>;
  answer: BatchMediaType;
};

const json: SourceFormat = { open: openJson, answer: 'application/json' };
const ndjson: SourceFormat = { open: openNdjson, answer: 'application/x-ndjson' };
const csv: SourceFormat = { open: openCsv, answer: 'text/csv' };
const extracts: SourceFormat = { open: openExtracts, answer: 'application/json' };

/** The formats that a batch is taken in, by media type. */
const FORMATS: ReadonlyMap<string, SourceFormat> = new Map([
  ['application/json', json],
  ['application/x-ndjson', ndjson],
  ['application/ndjson', ndjson],
  ['application/jsonl', ndjson],
  ['text/csv', csv],
  ['multipart/form-data', extracts],
]);

/** The format of a request's body, which must be `only` if that is given. Throws `unsupported-media-type`. */
export function sourceFormatOf(request: Request, only?: string): SourceFormat {
  const mediaType = mediaTypeOf(request);
  const format = FORMATS.get(mediaType);
  if (format && (only === undefined || only === mediaType)) return format;
  const detail = only
    ? `Send a batch to this address as ${only}; /v1/predict/batch takes other formats.`
    : `Send a batch as one of: ${[...FORMATS.keys()].join(', ')}.`;
  throw new ProblemError('unsupported-media-type', { detail });
}

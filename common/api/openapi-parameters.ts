import { ErasureQuery, ExportQuery, PageQuery } from '../history/query.ts';
import type { JsonObject } from './openapi-types.ts';

const time = {
  anyOf: [
    { type: 'string', format: 'date' },
    { type: 'string', format: 'date-time' },
  ],
};
const text = { type: 'string', minLength: 1, maxLength: 200 };

/** The parameters of the history, by their names. */
const QUERY: Record<keyof typeof PageQuery.shape, JsonObject> = {
  limit: { description: 'How many at most.', schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
  cursor: { description: '`nextCursor` of the page before.', schema: { type: 'string', minLength: 1 } },
  from: { description: 'Made at this time or later. A day begins at 00:00 UTC.', schema: time },
  to: { description: 'Made before this time.', schema: time },
  version: {
    description: 'Made by this version of the model.',
    schema: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$', maxLength: 200 },
  },
  label: { description: 'With this label.', schema: text },
  risk: { description: 'In this risk band.', schema: text },
  outcome: {
    description: 'Whose outcome was recorded, or was not.',
    schema: { type: 'string', enum: ['known', 'unknown'] },
  },
  sort: {
    description:
      'By `time`, the newest first, or by `probability` or `value`, the highest first: of the predictions that have one. A cursor is that of one order.',
    schema: { type: 'string', enum: ['time', 'probability', 'value'], default: 'time' },
  },
  count: {
    description: 'Whether the answer has `total`: how many match, on all pages together.',
    schema: { type: 'boolean', default: false },
  },
  identifier: {
    description: 'About this person or thing. Also taken as a record may spell it, with a prefix of the model, say.',
    schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  },
};

export const PAGE_PARAMETERS = parametersOf(PageQuery.shape, false);
export const EXPORT_PARAMETERS = parametersOf(ExportQuery.shape, false);
export const ERASURE_PARAMETERS = parametersOf(ErasureQuery.shape, true);

export const ID: JsonObject = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'As it was answered with the prediction.',
  schema: { type: 'string', format: 'uuid' },
};

export const IF_NONE_MATCH: JsonObject = {
  name: 'If-None-Match',
  in: 'header',
  description: 'The ETag of the document that the caller has.',
  schema: { type: 'string' },
};

export const IDEMPOTENCY_KEY: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Any text, made up once for a request: sent again with the same request, it is answered again and recorded once. Not where nothing is recorded.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

function parametersOf(shape: object, required: boolean): JsonObject[] {
  return Object.entries(QUERY)
    .filter(([name]) => Object.hasOwn(shape, name))
    .map(([name, parameter]) => ({ name, in: 'query', ...(required && { required }), ...parameter }));
}

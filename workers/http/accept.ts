import { parseAccept } from 'hono/utils/accept';
import { BATCH_FORMATS, type BatchMediaType } from '../../common/api/batch-format.ts';
import { ProblemError } from '../errors.ts';

/** The format of a batch's answer that the caller prefers; without a preference, `byDefault`. Throws `not-acceptable`. */
export function batchMediaTypeOf(accept: string | undefined, byDefault: BatchMediaType): BatchMediaType {
  if (accept === undefined) return byDefault;
  const types: BatchMediaType[] = [byDefault, 'application/json', 'application/x-ndjson', 'text/csv'];
  const ranges = parseAccept(accept).map(({ type, q }) => ({ range: type.toLowerCase(), q }));
  const [match] = types
    .map((type) => ({ type, place: placeAmong(ranges, type) }))
    .filter(({ place }) => (ranges[place]?.q ?? 0) > 0)
    .toSorted((a, b) => a.place - b.place);
  if (match) return match.type;
  throw new ProblemError('not-acceptable', {
    detail: `A batch is answered as one of: ${Object.keys(BATCH_FORMATS).join(', ')}.`,
  });
}

/** The place of the most specific range that includes a type (RFC 9110, 12.5.1). -1 where none does. */
function placeAmong(ranges: readonly { range: string }[], type: BatchMediaType): number {
  const places = [type, `${type.split('/')[0]}/*`, '*/*'].map((it) => ranges.findIndex(({ range }) => range === it));
  return places.find((place) => place >= 0) ?? -1;
}

import { type Context, Hono } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { BATCH_FORMATS, type BatchMediaType } from '../../common/api/batch-format.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import { allow } from '../middleware/authorise.ts';
import { limitBatches } from '../middleware/batch-limit.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { Predictor } from '../ports.ts';
import { streamAnswer } from '../predict/batch/answer.ts';
import { predictSource } from '../predict/batch/results.ts';
import { openSource, type SourceFormat, sourceFormatOf } from '../predict/batch/source.ts';
import { toModelName } from '../predict/describe-prediction.ts';
import { beginMaking, idempotencyKeyOf, type Making } from '../predict/idempotency.ts';
import { makePredictions } from '../predict/make-predictions.ts';

/** Predicts many records: each is answered with its prediction, or with the reason why there is none. */
export const batch = new Hono<AppEnv>().post('/v1/predict/batch', allow('predict'), limitBatches, (context) => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  // The version is in use until the last row is answered.
  const streamed = context.get('services').models.use(async (predictor) => {
    const { response, done } = await answer(context, predictor);
    resolve(response);
    await done;
  });
  streamed.catch(reject);
  context.get('event').streamed = streamed;
  return promise;
});

/** Groups whose recording is waited for at the same time. */
const RECORDED_TOGETHER = 4;

async function answer(context: Context<AppEnv>, predictor: Predictor) {
  const [event, services] = [context.get('event'), context.get('services')];
  const { contract } = predictor;
  event.modelVersion = contract.version;
  const request = context.req.raw;
  const format = sourceFormatOf(request);
  const mediaType = answerTypeOf(context.req.header('accept'), format);
  const idempotencyKey = idempotencyKeyOf(context);
  const { maxBytes, maxRows } = services.batch;

  const { rows, content } = await openSource(request, format, predictor, {
    maxBytes,
    maxRows,
    hold: idempotencyKey !== null,
  });
  let making: Promise<Making> | undefined;
  // Not before there is a row to predict: a file that is refused must not use up its key.
  const begin = () => {
    making ??= beginMaking(context, idempotencyKey, content ?? new Uint8Array(), contract);
    return making;
  };
  const results = predictSource(
    rows,
    async (group) => makePredictions(context, predictor, await begin(), group),
    // Without recording nothing is waited for: results would only be held, and copied by every garbage collection.
    { maxRows, inFlight: services.records ? RECORDED_TOGETHER : 1 },
  );
  const { body, done } = await streamAnswer({
    results,
    writer: BATCH_FORMATS[mediaType](outputKind(contract.output)),
    model: toModelName({ name: contract.name, version: contract.version, sha256: contract.graph.sha256 }),
    onStop(problem) {
      event.problem = problem.code;
      logEvent('error', 'batch stopped', {
        requestId: event.requestId,
        problem: problem.code,
        cause: causeOf(problem),
      });
    },
    onEnd(count) {
      event.rows = count;
    },
  });
  return { response: context.body(body, 200, { 'content-type': `${mediaType}; charset=utf-8` }), done };
}

const SAME_AS_SENT: Record<SourceFormat, BatchMediaType> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  multipart: 'application/json',
};

/** The format that the caller wants most of those that there are; without a wish, that of the request. */
function answerTypeOf(accept: string | undefined, sent: SourceFormat): BatchMediaType {
  const preferred = SAME_AS_SENT[sent];
  const types: BatchMediaType[] = [preferred, 'application/json', 'application/x-ndjson', 'text/csv'];
  if (accept === undefined) return preferred;
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

/** The place of the range that speaks of a type: the most specific one (RFC 9110, 12.5.1). -1 where none does. */
function placeAmong(ranges: readonly { range: string }[], type: BatchMediaType): number {
  const places = [type, `${type.split('/')[0]}/*`, '*/*'].map((it) => ranges.findIndex(({ range }) => range === it));
  return places.find((place) => place >= 0) ?? -1;
}

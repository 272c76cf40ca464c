import { type Context, Hono } from 'hono';
import { BATCH_FORMATS } from '../../common/api/batch-format.ts';
import { identifyModel, toBatchNote, toModelName } from '../../common/api/prediction-answer.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { causeOf } from '../errors.ts';
import { batchMediaTypeOf } from '../http/accept.ts';
import type { AppEnv } from '../http/app-env.ts';
import { idempotencyKeyOf, predictionRequestOf } from '../http/idempotency.ts';
import { sourceFormatOf } from '../http/sources/open-source.ts';
import type { Source } from '../http/sources/source.ts';
import { streamBatch } from '../http/stream-batch.ts';
import { logEvent } from '../log.ts';
import { allow, limitBatches } from '../middleware/authorise.ts';
import type { Predictor } from '../ports.ts';
import { predictBatch } from '../predict/predict-batch.ts';
import { useModel } from './use-model.ts';

/**
 * Predicts many records. Each row is answered with its prediction, or with the reason why there is none. The addresses below the
 * first one take one format each: generators of typed clients cannot send one of several.
 */
export const batch = new Hono<AppEnv>()
  .post('/v1/predict/batch', allow('predict'), limitBatches, (context) => respond(context))
  .post('/v1/predict/batch/json', allow('predict'), limitBatches, (context) => respond(context, 'application/json'))
  .post('/v1/predict/batch/form', allow('predict'), limitBatches, (context) => respond(context, 'multipart/form-data'));

/** `only`: the media type that a body must have, where the address takes no other. */
function respond(context: Context<AppEnv>, only?: string): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  // The version is in use until the last row is answered.
  const streamed = useModel(context, null, async (predictor) => {
    const { response, done } = await answer(context, predictor, only);
    resolve(response);
    await done;
  });
  streamed.catch(reject);
  context.get('event').streamed = streamed;
  return promise;
}

async function answer(context: Context<AppEnv>, predictor: Predictor, only: string | undefined) {
  const [event, services] = [context.get('event'), context.get('services')];
  const format = sourceFormatOf(context.req.raw, only);
  const mediaType = batchMediaTypeOf(context.req.header('accept'), format.answer);
  const idempotencyKey = idempotencyKeyOf(context);
  const source = await format.open(context.req.raw, predictor, {
    ...services.batch,
    withFingerprint: idempotencyKey !== null,
  });
  const request = await predictionRequestOf(context, idempotencyKey, async () => source.fingerprint ?? '');
  const { contract, contractSha256 } = predictor;
  const { body, done } = await streamBatch({
    results: predictBatch(predictor, source.rows, request, { ...services, maxRows: services.batch.maxRows }),
    writer: BATCH_FORMATS[mediaType](outputKind(contract.output)),
    model: toModelName(identifyModel(contract, contractSha256)),
    notes: () => source.notes().map(toBatchNote),
    onStop(problem) {
      event.problem = problem.code;
      logEvent('error', 'batch stopped', {
        requestId: event.requestId,
        problem: problem.code,
        cause: causeOf(problem),
      });
    },
    onEnd(rows) {
      event.rows = rows;
    },
  });
  const headers = {
    'content-type': `${mediaType}; charset=utf-8`,
    ...(mediaType === 'text/csv' && notesHeader(source)),
  };
  return { response: context.body(body, 200, headers), done };
}

/** How much of the notes fits in a header. */
const MAX_HEADER_LENGTH = 1000;

/** What is known of how the source was read once its first rows are. A table has no place for notes, and a header has only ASCII. */
function notesHeader(source: Source): Record<string, string> {
  const text = source.notes().map(({ message }) => message.en);
  return text.length === 0
    ? {}
    : {
        'x-notes': text
          .join(' ')
          .replaceAll(/[^ -~]/g, '?')
          .slice(0, MAX_HEADER_LENGTH),
      };
}

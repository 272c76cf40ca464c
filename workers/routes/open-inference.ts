import { type Context, Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { concat } from '../../common/concat.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { readOutputs, toInferAnswer } from '../../common/protocols/open-inference/infer-answer.ts';
import { parseInferRequest, splitBody } from '../../common/protocols/open-inference/infer-request.ts';
import { describeModel, outputsOf } from '../../common/protocols/open-inference/metadata.ts';
import { countRows, readRecords } from '../../common/protocols/open-inference/records.ts';
import { Refusal } from '../../common/protocols/open-inference/refusal.ts';
import { ProblemError } from '../errors.ts';
import type { ErrorForm } from '../http/answer-problem.ts';
import { mediaTypeOf, readDecompressed } from '../http/read-body.ts';
import { parseJson } from '../http/read-json.ts';
import { allow, countRequest } from '../middleware/authorise.ts';
import { allowOrigins } from '../middleware/cors.ts';
import { answerErrorsAs } from '../middleware/error-form.ts';
import { forbidTransforming } from '../middleware/no-transform.ts';
import { type AppEnv, provideServices } from '../middleware/services.ts';
import type { Predictor } from '../ports.ts';
import { idempotencyKeyOf } from '../predict/idempotency.ts';
import { checkRowCount, predictAll } from '../predict/predict-all.ts';

/** Tensors are held in memory, as they are sent and as records. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Some clients say nothing of what they send. */
const MEDIA_TYPES = ['', 'application/json', 'application/octet-stream'];
const HEADER_LENGTH = 'inference-header-content-length';

/** What a name and a number can be: others are not looked for. */
const MODEL_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MODEL_VERSION = /^\d{1,9}\.\d{1,9}\.\d{1,9}$/;

/** What is wrong with a body is 400 here, whatever it is: clients of this protocol know no 422. */
const openInferenceError: ErrorForm = ({ detail }, status) => ({
  status: status === 422 ? 400 : status,
  body: { error: detail },
});

/** Counts a look-up against the limit for the caller's address: it may read from R2, and needs no key. */
const limitLookUps = createMiddleware<AppEnv>(async (context, next) => {
  await countRequest(context, context.get('services').requestLimit, null);
  await next();
});

/**
 * The Open Inference Protocol, version 2, over HTTP, with the extension for binary tensors: `/v1/predict` for clients that
 * speak it. https://github.com/kserve/open-inference-protocol
 */
export const openInference = new Hono<AppEnv>()
  .use('/v2/*', forbidTransforming, answerErrorsAs(openInferenceError))
  // Answered as long as the Worker runs at all, however it is configured.
  .get('/v2/health/live', (context) => context.json({ live: true }))
  .use('/v2/*', provideServices, allowOrigins)
  .get('/v2', describeServer)
  .get('/v2/', describeServer)
  // The specification says "live" here, too, and clients look for "ready".
  .get('/v2/health/ready', (context) =>
    context.get('services').models.use(async () => context.json({ live: true, ready: true })),
  )
  .get('/v2/models/:model', limitLookUps, answerMetadata)
  .get('/v2/models/:model/versions/:version', limitLookUps, answerMetadata)
  .get('/v2/models/:model/ready', answerReady)
  .get('/v2/models/:model/versions/:version/ready', limitLookUps, answerReady)
  .post('/v2/models/:model/infer', allow('predict'), infer)
  .post('/v2/models/:model/versions/:version/infer', allow('predict'), infer);

function describeServer(context: Context<AppEnv>) {
  const { id, tag } = context.get('services').workerVersion;
  return context.json({ name: 'futurisys', version: tag || id, extensions: ['binary_tensor_data'] });
}

function answerMetadata(context: Context<AppEnv>) {
  return useModel(context, async ({ contract }) => {
    return context.json(describeModel(contract, await context.get('services').models.list(contract.name)));
  });
}

function answerReady(context: Context<AppEnv>) {
  return useModel(context, async ({ contract: { name } }) => context.json({ name, ready: true }));
}

/** Predicts the records that tensors are. */
async function infer(context: Context<AppEnv>) {
  const request = context.req.raw;
  const { batch } = context.get('services');
  if (!MEDIA_TYPES.includes(mediaTypeOf(request))) {
    throw new ProblemError('unsupported-media-type', {
      detail: 'Send an inference request as application/json, or with binary data as application/octet-stream.',
    });
  }
  const idempotencyKey = idempotencyKeyOf(context);
  const body = await readDecompressed(request, Math.min(batch.maxBytes, MAX_BODY_BYTES));
  const { json, binary } = orRefuse(splitBody(body, context.req.header(HEADER_LENGTH)));
  const asked = orRefuse(parseInferRequest(parseJson(json)));
  checkRowCount(countRows(asked), batch);

  return useModel(context, async (predictor) => {
    const wanted = orRefuse(readOutputs(asked, outputsOf(outputKind(predictor.contract.output))));
    const records = orRefuse(readRecords(asked, binary, predictor.contract, decodeText));
    const [first, ...others] = await predictAll(context, predictor, { idempotencyKey, body }, records);
    if (!first) throw new Error('no prediction was made of the records');
    const answer = toInferAnswer([first, ...others], wanted, asked.id ?? null, encodeText);
    if (answer.binary.length === 0) return context.json(answer.json);
    const header = encodeText(JSON.stringify(answer.json));
    return context.body(concat([header, ...answer.binary]), 200, {
      'content-type': 'application/octet-stream',
      [HEADER_LENGTH]: String(header.byteLength),
    });
  });
}

/** Gives the model that the address names to `work`: the version that serves, or the one that is asked for by number. */
function useModel(context: Context<AppEnv>, work: (predictor: Predictor) => Promise<Response>): Promise<Response> {
  const { models } = context.get('services');
  const { model: name = '', version } = context.req.param();
  const use = (predictor: Predictor) => {
    context.get('event').modelVersion = predictor.contract.version;
    return work(predictor);
  };
  if (version === undefined) {
    return models.use((predictor) => {
      if (predictor.contract.name !== name) throw noModel(name);
      return use(predictor);
    });
  }
  if (!MODEL_NAME.test(name) || !MODEL_VERSION.test(version)) throw noModel(name, version);
  return models.useVersion({ name, version }, use);
}

const SHOWN_CHARACTERS = 100;

function noModel(name: string, version?: string): ProblemError {
  const which = version === undefined ? '' : ` of version ${version.slice(0, SHOWN_CHARACTERS)}`;
  return new ProblemError('not-found', {
    detail: `There is no model ${name.slice(0, SHOWN_CHARACTERS)}${which} here.`,
  });
}

function orRefuse<T>(value: T | Refusal): T {
  if (value instanceof Refusal) throw new ProblemError('invalid-request', { detail: value.reason });
  return value;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

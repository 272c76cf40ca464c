import { type Context, Hono } from 'hono';
import { concat } from '../../common/bytes.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { readOutputs, toInferAnswer } from '../../common/protocols/open-inference/infer-answer.ts';
import { parseInferRequest, splitBody } from '../../common/protocols/open-inference/infer-request.ts';
import { describeModel, outputsOf } from '../../common/protocols/open-inference/metadata.ts';
import { countRows, readRecords } from '../../common/protocols/open-inference/records.ts';
import { Refusal } from '../../common/protocols/open-inference/refusal.ts';
import { ProblemError } from '../errors.ts';
import { answerErrorsAs } from '../http/answer-problem.ts';
import type { AppEnv, ErrorForm } from '../http/app-env.ts';
import { idempotencyKeyOf, predictionRequestOf } from '../http/idempotency.ts';
import { mediaTypeOf, readDecompressed } from '../http/read-body.ts';
import { parseJson } from '../http/read-json.ts';
import { allow, countLargeBody, limitLookUps } from '../middleware/authorise.ts';
import { forbidTransforming } from '../middleware/cache-control.ts';
import { allowOrigins } from '../middleware/cors.ts';
import { provideServices } from '../middleware/services.ts';
import { type NamedModel, servedNumbers } from '../predict/choose-version.ts';
import { checkRowCount, predictAll } from '../predict/predict-all.ts';
import { sha256Hex } from '../sha256.ts';
import { useModel } from './use-model.ts';

/** Tensors are held in memory, as they are sent and as records. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Some clients send no Content-Type. */
const MEDIA_TYPES = ['', 'application/json', 'application/octet-stream'];
const HEADER_LENGTH = 'inference-header-content-length';

/** Clients of this protocol know no 422: every fault in a body is 400 here. */
const openInferenceError: ErrorForm = ({ detail }, status) => ({
  status: status === 422 ? 400 : status,
  body: { error: detail },
});

/**
 * The Open Inference Protocol, version 2, over HTTP, with the extension for binary tensors: `/v1/predict` for clients that
 * speak it. https://github.com/kserve/open-inference-protocol
 */
export const openInference = new Hono<AppEnv>()
  .use('/v2/*', forbidTransforming, answerErrorsAs(openInferenceError))
  // Answered whenever the Worker runs, even with wrong settings.
  .get('/v2/health/live', (context) => context.json({ live: true }))
  .use('/v2/*', provideServices, allowOrigins)
  .get('/v2', describeServer)
  .get('/v2/', describeServer)
  // The specification says "live" here, too, but clients look for "ready".
  .get('/v2/health/ready', (context) => useModel(context, null, async () => context.json({ live: true, ready: true })))
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
  return useModel(context, namedIn(context), async ({ contract }) => {
    return context.json(describeModel(contract, await servedNumbers(context.get('services').models, contract.name)));
  });
}

function answerReady(context: Context<AppEnv>) {
  return useModel(context, namedIn(context), async ({ contract: { name } }) => context.json({ name, ready: true }));
}

/** Predicts the records in the tensors. */
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
  const countAsked = await countLargeBody(context, body.byteLength);
  const { json, binary } = understood(splitBody(body, context.req.header(HEADER_LENGTH)));
  const asked = understood(parseInferRequest(parseJson(json)));
  checkRowCount(countRows(asked), batch.maxRows);

  return useModel(context, namedIn(context), async (predictor) => {
    const wanted = understood(readOutputs(asked, outputsOf(outputKind(predictor.contract.output))));
    const records = understood(readRecords(asked, binary, predictor.contract, decodeText));
    context.get('event').rows = records.length;
    await countAsked(records.length);
    const sent = await predictionRequestOf(context, idempotencyKey, () => sha256Hex(body));
    const [first, ...others] = await predictAll(predictor, records, sent, context.get('services'));
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

/** The model, and perhaps the version, that the address names. */
function namedIn(context: Context<AppEnv>): NamedModel {
  const { model: name = '', version = null } = context.req.param();
  return { name, version };
}

function understood<T>(value: T | Refusal): T {
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

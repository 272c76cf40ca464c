import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import {
  BatchAnswer,
  BatchEnd,
  BatchResult,
  Capabilities,
  ErasureAnswer,
  ExploreAnswer,
  OutcomeEntry,
  PredictAnswer,
  PredictionDetail,
  PredictionPage,
  Problem,
  ValidateAnswer,
} from '../../common/api/answers.ts';
import { Contract } from '../../common/contract/contract.ts';
import { connect } from '../store/database.ts';
import { predictions } from '../store/schema.ts';
import { get, postJson, readAnswer, send } from './api.ts';
import { type Call, call } from './arbitraries.ts';
import { newIsolate } from './isolate.ts';
import { KEYS } from './keys.ts';
import { activate, exampleInput, type ModelFiles, readModel } from './models.ts';

/** How many requests are made, over all runs. */
const REQUESTS = 5000;
/** Fixed, so that a failure can be repeated; change it to look elsewhere. */
const SEED = 20_261_123;

const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }).catchall(z.unknown())),
  ),
});

/** What each operation answers where it succeeds, unless it is text. */
const ANSWERS: Record<string, z.ZodType> = {
  'POST /v1/predict': PredictAnswer,
  'POST /v1/predict/batch': BatchAnswer,
  'POST /v1/validate': ValidateAnswer,
  'POST /v1/explore': ExploreAnswer,
  'GET /v1/capabilities': Capabilities,
  'GET /v1/predictions': PredictionPage,
  'DELETE /v1/predictions': ErasureAnswer,
  'GET /v1/predictions/{id}': PredictionDetail,
  'DELETE /v1/predictions/{id}': ErasureAnswer,
  'PUT /v1/predictions/{id}/outcome': OutcomeEntry,
  'GET /v1/model': Contract,
};
const BatchLine = z.union([BatchEnd, BatchResult]);

let model: ModelFiles;
let documented: z.infer<typeof Document>['paths'];
let ids: string[];
beforeAll(async () => {
  model = await readModel();
  await activate(model);
  // The rows of other files would be exported again and again, which takes minutes.
  await connect(env.DATABASE_URL ?? '')().delete(predictions);
  documented = Document.parse(await (await send(get('/openapi.json'))).json()).paths;
  const answers = [1, 2, 3].map(async () => readAnswer(await send(postJson('/v1/predict', exampleInput(model)))));
  ids = (await Promise.all(answers)).map(({ id }) => id);
  await vi.waitFor(
    async () => {
      for (const id of ids) expect((await send(get(`/v1/predictions/${id}`))).status).toBe(200);
    },
    { timeout: 5000, interval: 100 },
  );
});

describe('whatever is sent', () => {
  it(`gets a documented answer, and never an error of the server, in ${REQUESTS} requests`, async () => {
    vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const unlimited = { limit: async () => ({ success: true }) };
    const isolate = newIsolate({ REQUEST_LIMIT: unlimited, BATCH_LIMIT: unlimited });
    // Most may do everything: else little but 403 would be seen.
    const keys = [...Array.from({ length: 8 }, () => KEYS.all.key), KEYS.read.key, KEYS.predict.key, KEYS.expired.key];
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(call(model.contract, ids, keys), async (request) => {
        const response = await isolate(toRequest(request));
        await check(request, response);
        const outcome = `${request.method} ${request.path} ${response.status}`;
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      }),
      // To shrink a failure takes thousands of requests more: the test would end without saying what failed.
      { numRuns: REQUESTS, seed: SEED, endOnFailure: true },
    );
    // The run proves little unless it got past the door everywhere.
    for (const [path, operations] of Object.entries(documented)) {
      for (const method of Object.keys(operations)) {
        const operation = `${method.toUpperCase()} ${path}`;
        const statuses = [...seen.keys()].filter((outcome) => outcome.startsWith(`${operation} `));
        expect(statuses, operation).not.toEqual([]);
        if (operation !== 'DELETE /v1/predictions/{id}') expect(statuses, operation).toContain(`${operation} 200`);
      }
    }
  }, 240_000);
});

function toRequest({ method, address, headers, body }: Call): Request {
  return new Request(`http://localhost${address}`, { method, headers, ...(body !== undefined && { body }) });
}

async function check({ method, path }: Call, response: Response): Promise<void> {
  // Not text(), which warns of media types that it does not know.
  const text = new TextDecoder().decode(await response.arrayBuffer());
  expect(response.status, text).toBeLessThan(500);
  const responses = documented[path]?.[method.toLowerCase()]?.responses ?? {};
  expect(Object.keys(responses), `${method} ${path}: ${text}`).toContain(String(response.status));
  expect(response.headers.get('x-request-id')).not.toBeNull();
  const type = response.headers.get('content-type')?.split(';')[0];
  if (response.status >= 400) {
    expect(type).toBe('application/problem+json');
    expect(Problem.parse(JSON.parse(text)).status).toBe(response.status);
  } else if (type === 'application/x-ndjson') {
    for (const line of text.trimEnd().split('\n')) BatchLine.parse(JSON.parse(line));
  } else if (type === 'application/json') {
    ANSWERS[`${method} ${path}`]?.parse(JSON.parse(text));
  }
}

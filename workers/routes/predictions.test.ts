import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Prediction } from '../../common/prediction.ts';
import { Answer, get, postJson, readAnswer, readProblem, send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

/** What is read back: the whole record, with warnings as predict shows them. */
const Stored = Prediction.extend({ warnings: Answer.shape.warnings }).strict();

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

describe('GET /v1/predictions/{id}', () => {
  it('returns what was answered, and the record it was answered to, within 5 s', async () => {
    const input = { ...exampleInput(model, 2), revenu_mensuel: 30_000 };
    const answer = await readAnswer(await send(postJson('/v1/predict', { ...input, eval_number: 'E_12' })));
    const stored = await vi.waitFor(
      async () => {
        const response = await send(get(`/v1/predictions/${answer.id}`));
        expect(response.status).toBe(200);
        return Stored.parse(await response.json());
      },
      { timeout: 5000, interval: 100 },
    );
    expect(stored).toMatchObject({
      id: answer.id,
      identifier: 12,
      input,
      label: answer.label,
      probability: answer.probability,
      threshold: answer.threshold,
      risk: answer.risk,
      model: { name: answer.model.name, version: answer.model.version, sha256: model.contract.graph.sha256 },
    });
    expect(stored.warnings).toEqual(answer.warnings);
    expect(stored.warnings.map(({ code }) => code)).toContain('outside-training-range');
    expect(Math.abs(Date.parse(stored.createdAt) - Date.now())).toBeLessThan(60_000);
  });

  it('answers 404 for an id that was never given', async () => {
    await readProblem(
      await send(get('/v1/predictions/01a2088d-f1d4-7155-ad9e-59a6147c005e')),
      404,
      'prediction-not-found',
    );
  });

  it('answers 422 for what is no id', async () => {
    await readProblem(await send(get('/v1/predictions/1%27%20or%20true')), 422, 'invalid-id');
  });

  it('answers 503, without the cause, while the database cannot be reached', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ DATABASE_URL: 'postgres://postgres:secret-word@127.0.0.1:9/postgres' });
    const problem = await readProblem(
      await isolate(get('/v1/predictions/01a2088d-f1d4-7155-ad9e-59a6147c005e')),
      503,
      'database-unavailable',
    );
    expect(JSON.stringify(problem)).not.toMatch(/127\.0\.0\.1|secret-word|select/);
    expect(error.mock.calls.flat().join()).toContain('database-unavailable');
    expect(error.mock.calls.flat().join()).not.toContain('secret-word');
    const ready = await isolate(get('/health/ready'));
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { model: { status: 'ok' }, database: { status: 'failed' } } });
  });
});

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ValidateAnswer } from '../../common/api/answers.ts';
import { post, postJson, readProblem, send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

async function validate(record: unknown) {
  const response = await send(postJson('/v1/validate', record));
  expect(response.status).toBe(200);
  return ValidateAnswer.parse(await response.json());
}

describe('POST /v1/validate', () => {
  it('says how a valid record is understood, and warns as predict does', async () => {
    const { augementation_salaire_precedente: _, ...rest } = exampleInput(model);
    const record = { ...rest, augmentation_salaire_precedente: '11 %', revenu_mensuel: 30_000, eval_number: 'E_12' };
    expect(await validate(record)).toEqual({
      valid: true,
      record: { ...rest, augementation_salaire_precedente: 11, revenu_mensuel: 30_000 },
      identifier: 12,
      errors: [],
      warnings: [{ fields: ['revenu_mensuel'], code: 'outside-training-range', detail: expect.any(String) }],
    });
  });

  it('names everything that predict would refuse', async () => {
    const record = { ...exampleInput(model), age: 12, colour: 'red' };
    const { errors } = await readProblem(await send(postJson('/v1/predict', record)), 422, 'invalid-record');
    expect(await validate(record)).toEqual({ valid: false, record: null, identifier: null, errors, warnings: [] });
    expect(await validate([])).toMatchObject({ valid: false, errors: [{ fields: [], rule: 'type' }] });
  });

  it('records nothing', async () => {
    const sendBatch = vi.fn();
    await newIsolate({ PREDICTIONS: { sendBatch, send: sendBatch } })(postJson('/v1/validate', exampleInput(model)));
    expect(sendBatch).not.toHaveBeenCalled();
  });

  it('refuses what is no JSON', async () => {
    await readProblem(await send(post('/v1/validate', '{')), 400, 'invalid-json');
    await readProblem(await send(post('/v1/validate', 'a=1', 'text/plain')), 415, 'unsupported-media-type');
    await readProblem(await send(post('/v1/validate', 'a'.repeat(70_000))), 413, 'body-too-large');
  });
});

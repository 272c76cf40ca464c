import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ExploreAnswer } from '../../common/api/answers.ts';
import { post, postJson, readAnswer, readProblem, send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
});

async function explore(body: unknown): Promise<ExploreAnswer> {
  const response = await send(postJson('/v1/explore', body));
  expect(response.status, await response.clone().text()).toBe(200);
  return ExploreAnswer.parse(await response.json());
}
const predict = async (record: unknown) => readAnswer(await send(postJson('/v1/predict', record)));

describe('POST /v1/explore', () => {
  it('answers what predict would, to the record as it is', async () => {
    const record = { ...exampleInput(model), revenu_mensuel: 30_000 };
    const { label, probability, risk, warnings, threshold, model: answered } = await predict(record);
    expect(warnings).toHaveLength(1);
    expect(await explore({ record })).toEqual({
      points: [{ value: null, label, probability, risk, warnings }],
      threshold,
      model: answered,
    });
  });

  it('answers each value of a field as predict would, in order', async () => {
    const record = exampleInput(model, 1);
    const values = ['Oui', 'Non', true];
    const { points } = await explore({ record, vary: { field: 'heure_supplementaires', values } });
    const answers = await Promise.all(values.map((value) => predict({ ...record, heure_supplementaires: value })));
    expect(points).toEqual(
      answers.map(({ label, probability, risk, warnings }, i) => ({
        value: values[i],
        label,
        probability,
        risk,
        warnings,
      })),
    );
    expect(points[0]).not.toMatchObject({ probability: answers[1]?.probability });
  });

  it('says with which values the record is not valid, and predicts the others', async () => {
    const { points } = await explore({
      record: exampleInput(model),
      vary: { field: 'age', values: [17, 45, 'x', 30] },
    });
    expect(points).toMatchObject([
      { value: 17, errors: [{ fields: ['age'], rule: 'minimum' }] },
      { value: 45, probability: expect.any(Number) },
      { value: 'x', errors: [{ fields: ['age'], rule: 'type' }] },
      { value: 30, errors: [{ rule: 'experience-within-age' }] },
    ]);
  });

  it('takes a record that lacks the field, or spells it otherwise', async () => {
    const { heure_supplementaires: _, ...rest } = exampleInput(model);
    const vary = { field: 'heure_supplementaires', values: ['Oui'] };
    const { points } = await explore({ record: rest, vary });
    expect(points).toMatchObject([{ value: 'Oui', probability: expect.any(Number) }]);
    expect((await explore({ record: { ...rest, heures_supplementaires: 'Non' }, vary })).points).toEqual(points);
  });

  it.each([
    [1, 1],
    [50, 1],
    [51, 2],
    [200, 4],
  ])('counts for every 50 points: %i of them are %i requests', async (points, requests) => {
    const counted: string[] = [];
    const limit = async ({ key }: { key: string }) => ({ success: counted.push(key) > 0 });
    const values = Array.from({ length: points }, (_, i) => 1000 + i);
    const body = { record: exampleInput(model), vary: { field: 'revenu_mensuel', values } };
    const response = await newIsolate({ REQUEST_LIMIT: { limit } })(postJson('/v1/explore', body));
    expect([response.status, counted]).toEqual([200, Array(requests).fill('key:all')]);
  });

  it('is refused where its points are too many for the minute', async () => {
    let left = 3;
    const limit = async () => ({ success: left-- > 0 });
    const values = Array.from({ length: 200 }, (_, i) => 1000 + i);
    const body = { record: exampleInput(model), vary: { field: 'revenu_mensuel', values } };
    await readProblem(
      await newIsolate({ REQUEST_LIMIT: { limit } })(postJson('/v1/explore', body)),
      429,
      'too-many-requests',
    );
  });

  it('refuses what cannot be explored', async () => {
    const record = exampleInput(model);
    const { errors } = await readProblem(
      await send(postJson('/v1/predict', { ...record, age: 17 })),
      422,
      'invalid-record',
    );
    const refused = await send(postJson('/v1/explore', { record: { ...record, age: 17 } }));
    expect(await readProblem(refused, 422, 'invalid-record')).toMatchObject({ errors });

    const unknown = await send(postJson('/v1/explore', { record, vary: { field: 'colour', values: [1] } }));
    expect(await readProblem(unknown, 422, 'invalid-exploration')).toMatchObject({
      errors: [{ fields: ['vary.field'], rule: 'category' }],
    });
    await readProblem(await send(post('/v1/explore', '{')), 400, 'invalid-json');
    await readProblem(await send(post('/v1/explore', 'a=1', 'text/plain')), 415, 'unsupported-media-type');
    await readProblem(await send(post('/v1/explore', 'a'.repeat(70_000))), 413, 'body-too-large');
  });

  it('refuses a record once that no value makes valid, however many are tried', async () => {
    const { poste: _, ...rest } = exampleInput(model);
    const unknown = Object.fromEntries(Array.from({ length: 1900 }, (__, i) => [`field_${i}`, i]));
    const values = Array.from({ length: 200 }, (__, i) => (i % 2 === 0 ? i : 'x'));
    const response = await send(
      postJson('/v1/explore', { record: { ...rest, ...unknown }, vary: { field: 'age', values } }),
    );
    const { errors = [] } = await readProblem(response, 422, 'invalid-record');
    expect(errors).toEqual(expect.arrayContaining([expect.objectContaining({ fields: ['poste'], rule: 'required' })]));
    expect(errors.filter(({ rule }) => rule === 'unknown-field')).toHaveLength(101);
    expect(errors.flatMap(({ fields }) => fields)).not.toContain('age');
  });

  it('records nothing', async () => {
    const sendBatch = vi.fn();
    const isolate = newIsolate({ PREDICTIONS: { sendBatch, send: sendBatch } });
    const body = { record: exampleInput(model), vary: { field: 'age', values: [45, 50] } };
    expect((await isolate(postJson('/v1/explore', body))).status).toBe(200);
    expect(sendBatch).not.toHaveBeenCalled();
  });
});

import { expect, it } from 'vitest';
import {
  explore,
  listPredictions,
  predict,
  predictBatchForm,
  predictBatchJson,
} from '../../../dist/generated/orval/fetch';
import * as zod from '../../../dist/generated/orval/zod';
import { authorization, expected, extractOf, record } from './given';

const options = { headers: { authorization } };

it('predicts, explores and reads the history, as its zod schemas say', async () => {
  const predicted = await predict(record, options);
  if (predicted.status !== 200) throw new Error(predicted.data.detail);
  expect(predicted.data.probability).toBeCloseTo(expected[0] ?? Number.NaN, 6);
  expect(zod.PredictResponse.parse(predicted.data)).toEqual(predicted.data);
  const explored = await explore({ record, vary: { field: 'age', values: [30, 40] } }, options);
  expect(explored.status === 200 && explored.data.points).toHaveLength(2);
  const page = await listPredictions({ limit: 1 }, options);
  expect(page.status === 200 && page.data.items).toBeInstanceOf(Array);
});

it('checks a record with its zod schema as the API does', async () => {
  expect(zod.PredictBody.safeParse({ ...record, id_employee: 'X_12' }).success).toBe(false);
  for (const id of [12, '12', null])
    expect(zod.PredictBody.safeParse({ ...record, id_employee: id }).success).toBe(true);
  for (const change of [{ age: 400 }, { genre: 'X' }])
    expect([change, zod.PredictBody.safeParse({ ...record, ...change }).success]).toEqual([change, false]);
  // No generator reads "not", which the document has for values that are nearly always a mistake: the API says it.
  const refused = await predict({ ...record, augementation_salaire_precedente: 0.5 }, options);
  expect([refused.status, refused.status === 422 && refused.data.errors?.[0]?.fields]).toEqual([
    422,
    ['augementation_salaire_precedente'],
  ]);
  expect(zod.ExploreBody.safeParse({ record: {} }).success).toBe(false);
});

it('predicts many, as JSON and as a form', async () => {
  const asJson = await predictBatchJson([record], options);
  expect(asJson.status === 200 && asJson.data.summary.predicted).toBe(1);
  const asForm = await predictBatchForm(
    { sirh: extractOf('sirh'), eval: extractOf('eval'), sondage: extractOf('sondage') },
    options,
  );
  expect(asForm.status === 200 && asForm.data.summary.predicted).toBe(expected.length);
});

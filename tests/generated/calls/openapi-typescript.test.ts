import createClient from 'openapi-fetch';
import { expect, it } from 'vitest';
import type { components, paths } from '../../../dist/generated/openapi-typescript/api';
import { authorization, baseUrl, expected, extractOf, record } from './given';

const client = createClient<paths>({ baseUrl, headers: { authorization } });

it('predicts, explores and reads the history', async () => {
  const { data } = await client.POST('/v1/predict', { body: record });
  expect(data?.probability).toBeCloseTo(expected[0] ?? Number.NaN, 6);
  const explored = await client.POST('/v1/explore', { body: { record, vary: { field: 'age', values: [30, 40] } } });
  expect(explored.data?.points).toHaveLength(2);
  const page = await client.GET('/v1/predictions', { params: { query: { limit: 1 } } });
  expect(page.data?.items).toBeInstanceOf(Array);
});

it('is refused by the compiler, and by the API, for a record that lacks its fields', async () => {
  // @ts-expect-error A record to explore has every field of the model.
  const body: components['schemas']['ExploreRequest'] = { record: {} };
  const { error, response } = await client.POST('/v1/explore', { body });
  expect([response.status, error?.errors?.length]).toEqual([422, expect.any(Number)]);
});

it('predicts many, as JSON and as a form', async () => {
  const asJson = await client.POST('/v1/predict/batch/json', { body: [record] });
  expect(asJson.data?.summary.predicted).toBe(1);
  const asForm = await client.POST('/v1/predict/batch/form', {
    body: { sirh: '', eval: '', sondage: '' },
    // Its texts are files here: the type of a file is a text (OpenAPI 3.1).
    bodySerializer: () => {
      const form = new FormData();
      for (const id of ['sirh', 'eval', 'sondage']) form.set(id, extractOf(id));
      return form;
    },
  });
  expect(asForm.data?.summary.predicted).toBe(expected.length);
});

import { expect, it } from 'vitest';
import {
  explore,
  getPrediction,
  listPredictions,
  predict,
  predictBatch,
  predictBatchForm,
  predictBatchJson,
} from '../../../dist/generated/hey-api';
import { client } from '../../../dist/generated/hey-api/client.gen';
import { baseUrl, expected, extractOf, key, record } from './given';

client.setConfig({ baseUrl, auth: key });

it('predicts, explores and reads the history', async () => {
  const { data } = await predict({ body: record });
  expect(data?.probability).toBeCloseTo(expected[0] ?? Number.NaN, 6);
  const explored = await explore({ body: { record, vary: { field: 'age', values: [30, 40] } } });
  expect(explored.data?.points).toHaveLength(2);
  const page = await listPredictions({ query: { limit: 1 } });
  expect(page.data?.items).toBeInstanceOf(Array);
  const absent = await getPrediction({ path: { id: '01a2088d-f1d4-7155-ad9e-59a6147c005e' } });
  expect([absent.response?.status, absent.error?.type]).toEqual([404, expect.stringContaining('prediction-not-found')]);
});

it('predicts many, as JSON and as a form', async () => {
  expect((await predictBatch({ body: [record] })).response?.status).toBe(200);
  expect((await predictBatchJson({ body: [record] })).data?.summary.predicted).toBe(1);
  const asForm = await predictBatchForm({
    body: { sirh: extractOf('sirh'), eval: extractOf('eval'), sondage: extractOf('sondage') },
  });
  expect(asForm.data?.summary.predicted).toBe(expected.length);
});

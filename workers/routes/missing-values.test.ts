import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchAnswer, ExploreAnswer, PredictionDetail } from '../../common/api/answers.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { type BinaryContract, binary } from '../../common/test/binary.ts';
import { encodeRequest, type TestTensor } from '../../common/test/open-inference.ts';
import { get, post, postJson, readAnswer, readProblem, type Send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, readModel } from '../test/models.ts';

/** A pipeline of scikit-learn as skl2onnx exports it (tests/corpus/loans.py). The golden cases are scikit-learn's answers. */
const LOANS = 'workers/test/fixtures/loans';
const TOLERANCE = 1e-6;

let send: Send;
let contract: BinaryContract;
let names: string[];
let rows: FeatureValue[][];
let expected: number[];
beforeAll(async () => {
  const model = await readModel(LOANS);
  contract = model.contract;
  names = contract.features.map(({ name }) => name);
  rows = contract.golden.map(({ values }) => values);
  expected = contract.golden.map(({ probability }) => probability);
  await activate(model);
  send = newIsolate();
});

const recordOf = (values: readonly unknown[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));

function expectAll(probabilities: readonly unknown[]) {
  const largest = probabilities.map((it, i) => Math.abs(Number(it) - (expected[i] ?? Number.NaN)));
  expect(largest).toHaveLength(rows.length);
  expect(Math.max(...largest)).toBeLessThanOrEqual(TOLERANCE);
}

async function predictFile(body: string, type: string) {
  const request = post('/v1/predict/batch', body, type);
  request.headers.set('accept', 'application/json');
  const { results } = BatchAnswer.parse(await (await send(request)).json());
  return results.map((it) => ('problem' in it ? it.problem : binary(it).probability));
}

describe('a model that takes missing values answers as its pipeline does', () => {
  it('to records of JSON', async () => {
    expectAll(await predictFile(JSON.stringify(rows.map(recordOf)), 'application/json'));
  });

  it.each([
    ['blank cells', '', ','],
    ['blank cells between semicolons', '', ';'],
    ["pandas' words", 'NaN', ','],
    ["R's", 'NA', ';'],
  ])('to a file with %s', async (_title, missing, delimiter) => {
    const lines = [names, ...rows.map((row) => row.map((it) => (it === null ? missing : String(it))))];
    expectAll(await predictFile(lines.map((it) => `${it.join(delimiter)}\n`).join(''), 'text/csv'));
  });

  it('to a file that lacks a column that may be left out', async () => {
    const years = names.indexOf('years employed');
    const without = (row: readonly unknown[]) => row.filter((_, i) => i !== years).map((it) => it ?? '');
    const given = rows.flatMap((row, i) => (row[years] === null ? [{ row, i }] : []));
    const body = [without(names), ...given.map(({ row }) => without(row))].map((it) => `${it.join()}\n`).join('');
    const probabilities = await predictFile(body, 'text/csv');
    expect(probabilities).toHaveLength(given.length);
    for (const [at, { i }] of given.entries()) expect(probabilities[at]).toBeCloseTo(expected[i] ?? Number.NaN, 6);
  });

  it.each([
    ['binary data, by feature', true],
    ['JSON, where NaN is null', false],
  ])('to tensors of %s', async (_title, isBinary) => {
    const tensors: TestTensor[] = names.map((name, i) => {
      const values = rows.map((row) => row[i] ?? null);
      const isText = name === 'région';
      return {
        name,
        datatype: isText ? 'BYTES' : 'FP64',
        shape: [rows.length],
        values: isText ? values.map((it) => it ?? '') : values.map((it) => (typeof it === 'boolean' ? Number(it) : it)),
        isBinary,
      };
    });
    const { body, headerLength } = encodeRequest({ inputs: tensors });
    const request = post('/v2/models/loan-default/infer', body, 'application/octet-stream');
    if (headerLength !== null) request.headers.set('inference-header-content-length', String(headerLength));
    const answer = await (await send(request)).json<{ outputs: { name: string; data: unknown[] }[] }>();
    expectAll(answer.outputs.find(({ name }) => name === 'probability')?.data ?? []);
  });

  it("to MLflow's tables", async () => {
    const body = { dataframe_split: { columns: names, data: rows } };
    const answer = await (await send(postJson('/invocations', body))).json<{
      predictions: { probability: number }[];
    }>();
    expectAll(answer.predictions.map(({ probability }) => probability));
  });
});

describe('a missing value', () => {
  it('is answered by name, and recorded as null', async () => {
    const { 'years employed': _, ...record } = recordOf([null, null, true, 'Corse']);
    const answer = await readAnswer(await send(postJson('/v1/predict', record)));
    expect(answer.missing).toEqual(['annual income (k€)', 'years employed']);
    expect(answer.warnings.map(({ code }) => code)).toEqual(['unknown-category']);
    await vi.waitFor(
      async () => {
        const stored = PredictionDetail.parse(await (await send(get(`/v1/predictions/${answer.id}`))).json());
        expect(stored.input).toEqual(recordOf([null, null, true, 'Corse']));
      },
      { timeout: 15_000, interval: 200 },
    );
  });

  it('is not named where there is none', async () => {
    const answer = await readAnswer(await send(postJson('/v1/predict', recordOf([30, 2, true, 'Sud']))));
    expect(answer).not.toHaveProperty('missing');
  });

  it('can be tried in an exploration', async () => {
    const vary = { field: names[0], values: [null, 0, 48.25] };
    const response = await send(postJson('/v1/explore', { record: recordOf([1, 0, false, 'Sud']), vary }));
    const { points } = ExploreAnswer.parse(await response.json());
    expect(points.map((point) => [point.value, 'errors' in point])).toEqual([
      [null, false],
      [0, false],
      [48.25, false],
    ]);
  });

  it('is no text, and no field of a name that nobody knows', async () => {
    const problem = await readProblem(
      await send(postJson('/v1/predict', { ...recordOf(['NaN', 1, true, 'Sud']), income: null })),
      422,
      'invalid-record',
    );
    const errors = problem.errors?.map(({ fields, rule }) => [...fields, rule].join()) ?? [];
    expect(errors.toSorted()).toEqual(['annual income (k€),type', 'income,unknown-field']);
  });
});

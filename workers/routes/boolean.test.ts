import { beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchAnswer, PredictionDetail, ValidateAnswer } from '../../common/api/answers.ts';
import { binary, parseBinaryContract } from '../../common/test/binary.ts';
import { flagsJsonOf } from '../../common/test/flags.ts';
import { FLAG_WEIGHTS, writeFlagsModel } from '../../onnx/test/flags-model.ts';
import { sha256Hex } from '../sha256.ts';
import { get, post, postJson, readAnswer, readProblem, type Send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, readModel, TINY_MODEL } from '../test/models.ts';

let send: Send;
let names: string[];
beforeAll(async () => {
  const graph = writeFlagsModel();
  const { contractJson: tinyJson } = await readModel(TINY_MODEL);
  const contractJson = flagsJsonOf(tinyJson, { sha256: await sha256Hex(graph), bytes: graph.byteLength });
  const contract = parseBinaryContract(JSON.parse(contractJson));
  names = contract.features.map(({ name }) => name);
  await activate({ contract, contractJson, graph });
  send = newIsolate();
});

const ROWS = [
  [true, false, true, false],
  [false, true, false, true],
  [false, false, false, false],
];
const expected = ROWS.map((row) => row.reduce((sum, it, i) => sum + (it ? (FLAG_WEIGHTS[i] ?? 0) : 0), 0));
const recordOf = (values: readonly unknown[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
const csvOf = (rows: readonly (readonly string[])[]) => [names, ...rows].map((row) => `${row.join(';')}\n`).join('');

describe('a model of booleans', () => {
  it('predicts JSON, and keeps true and false in the history', async () => {
    const record = recordOf(ROWS[0] ?? []);
    const answer = await readAnswer(await send(postJson('/v1/predict', record)));
    expect(answer.probability).toBe(expected[0]);
    await vi.waitFor(
      async () => {
        const stored = PredictionDetail.parse(await (await send(get(`/v1/predictions/${answer.id}`))).json());
        expect(stored.input).toEqual(record);
      },
      { timeout: 15_000, interval: 200 },
    );
    const table = await (await send(get('/v1/predictions/export'))).text();
    expect(table).toContain('true,false,true,false');
  });

  it.each([
    ['words', (it: boolean) => (it ? 'VRAI' : 'FAUX')],
    ['numbers', (it: boolean) => (it ? '1' : '0')],
    ['English words', (it: boolean) => (it ? 'TRUE' : 'False')],
  ])('predicts a CSV file of %s as it does JSON', async (_title, spell) => {
    const request = post('/v1/predict/batch', csvOf(ROWS.map((row) => row.map(spell))), 'text/csv');
    request.headers.set('accept', 'application/json');
    const { results } = BatchAnswer.parse(await (await send(request)).json());
    expect(results.map((it) => ('problem' in it ? it.problem : binary(it).probability))).toEqual(expected);
  });

  it('predicts BOOL tensors, and tells that it wants them', async () => {
    const { inputs } = await (await send(get('/v2/models/flags'))).json<{ inputs: unknown[] }>();
    expect(inputs).toEqual(names.map((name) => ({ name, datatype: 'BOOL', shape: [-1] })));
    const tensors = names.map((name, i) => ({ name, datatype: 'BOOL', shape: [3], data: ROWS.map((row) => row[i]) }));
    const body = { inputs: tensors, outputs: [{ name: 'probability' }] };
    const answer = await (await send(postJson('/v2/models/flags/infer', body))).json();
    expect(answer).toMatchObject({ outputs: [{ name: 'probability', data: expected }] });
  });

  it('refuses a missing flag and an empty one, and takes neither for false', async () => {
    const missing = await readProblem(
      await send(postJson('/v1/predict', { ...recordOf([true, true, true]), insured: undefined })),
      422,
      'invalid-record',
    );
    expect(missing.errors).toMatchObject([{ fields: ['insured'], rule: 'required' }]);
    for (const value of [null, '', 'maybe', 2]) {
      const problem = await readProblem(
        await send(postJson('/v1/predict', recordOf([true, true, true, value]))),
        422,
        'invalid-record',
      );
      expect(problem.errors, JSON.stringify(value)).toMatchObject([{ fields: ['insured'], rule: 'type' }]);
    }
    const blank = post('/v1/predict/batch', csvOf([['1', '1', '1', '']]), 'text/csv');
    blank.headers.set('accept', 'application/json');
    const { results } = BatchAnswer.parse(await (await send(blank)).json());
    expect(results).toMatchObject([{ problem: { errors: [{ fields: ['insured'], rule: 'required' }] } }]);
  });

  it('says how a spelling was understood', async () => {
    const body = await (await send(postJson('/v1/validate', recordOf(['oui', 'ko', 1, 'Non'])))).json();
    expect(ValidateAnswer.parse(body).record).toEqual(recordOf([true, false, true, false]));
  });
});

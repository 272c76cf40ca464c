import { beforeAll, describe, expect, it } from 'vitest';
import { post, readProblem, send } from '../test/api.ts';
import { activate, exampleInput, type ModelFiles, readModel } from '../test/models.ts';

/** JSON.parse keeps the last value of a key that is given twice. No route may do so. */

let model: ModelFiles;
let record: string;
/** The record with its age once more, under a key in another spelling. */
let twice: string;
beforeAll(async () => {
  model = await readModel();
  await activate(model);
  record = JSON.stringify(exampleInput(model));
  twice = `${record.slice(0, -1)}, "\\u0061ge" : 50}`;
});

const said = (key: string) => `The key "${key}" is given twice: keep only one.`;

describe('a key that is given twice', () => {
  it.each(['/v1/predict', '/v1/validate'])('is refused at %s, by its name', async (path) => {
    const problem = await readProblem(await send(post(path, twice)), 400, 'invalid-json');
    expect(problem).toMatchObject({
      detail: said('age'),
      errors: [{ fields: ['age'], rule: 'given-once', detail: said('age') }],
    });
  });

  it.each([
    ['/v1/explore', () => `{"record":${twice}}`, 'record.age'],
    ['/v1/explore', () => `{"record":${record},"vary":{"field":"age","field":"age","values":[1]}}`, 'vary.field'],
  ])('is refused within another object, at %s', async (path, body, key) => {
    const problem = await readProblem(await send(post(path, body())), 400, 'invalid-json');
    expect(problem.errors).toMatchObject([{ fields: [key], rule: 'given-once' }]);
  });

  it.each([
    ['application/json', () => `[${record},${twice},${record}]`],
    ['application/x-ndjson', () => `${record}\n${twice}\n${record}\n`],
  ])('refuses its row of a batch alone: %s', async (type, body) => {
    const request = post('/v1/predict/batch', body(), type);
    request.headers.set('accept', 'application/json');
    const answer = await (await send(request)).json();
    expect(answer).toMatchObject({
      results: [
        { line: 1, recorded: 'queued' },
        { line: 2, problem: { errors: [{ fields: ['age'], rule: 'given-once', detail: said('age') }] } },
        { line: 3, recorded: 'queued' },
      ],
      summary: { rows: 3, predicted: 2, refused: 1 },
    });
  });

  it.each([
    [() => `{"dataframe_records":[${record},${twice}]}`, 'dataframe_records[1].age'],
    [() => `{"inputs":[${record}],"inputs":[${record}]}`, 'inputs'],
  ])('is refused at /invocations', async (body, key) => {
    const response = await send(post('/invocations', body()));
    expect([response.status, await response.json()]).toEqual([
      ...[400, { error_code: 'BAD_REQUEST', message: said(key) }],
    ]);
  });

  it('is refused at /v2', async () => {
    const body = '{"inputs":[{"name":"age","shape":[1],"datatype":"INT64","data":[45],"data":[50]}]}';
    const response = await send(post(`/v2/models/${model.contract.name}/infer`, body));
    expect([response.status, await response.json()]).toEqual([400, { error: said('inputs[0].data') }]);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { BatchAnswer } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { outputKind } from '../../common/contract/outputs/outputs.ts';
import { zip } from '../../common/zip.ts';
import { post, postJson, type Send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, readModel } from '../test/models.ts';

/** Pipelines of scikit-learn as skl2onnx exports them (tests/corpus/kinds.py). The golden cases are scikit-learn's answers. */
describe.each(['irises', 'diabetes'])('a pipeline of another kind, %s,', (name) => {
  let send: Send;
  let contract: Contract;
  let names: string[];
  beforeAll(async () => {
    const model = await readModel(`workers/test/fixtures/${name}`);
    contract = model.contract;
    names = contract.features.map((feature) => feature.name);
    await activate(model);
    send = newIsolate();
  });

  /** The largest difference between answers and what scikit-learn says: of probabilities, or of a value relative to it. */
  function largestDifference(outcomes: readonly object[]): number {
    const { golden } = contract;
    expect(outcomes).toHaveLength(golden.length);
    return Math.max(...zip(golden, outcomes, differenceOf));
  }

  async function predictFile(body: string, type: string, accept = 'application/json') {
    const request = post('/v1/predict/batch', body, type);
    request.headers.set('accept', accept);
    return send(request);
  }

  const records = () => contract.golden.map(({ values }) => Object.fromEntries(names.map((it, i) => [it, values[i]])));

  it.each([
    ['JSON', () => JSON.stringify(records()), 'application/json'],
    [
      'NDJSON',
      () =>
        records()
          .map((it) => `${JSON.stringify(it)}\n`)
          .join(''),
      'application/x-ndjson',
    ],
    [
      'CSV',
      () =>
        [names, ...contract.golden.map(({ values }) => values.map((it) => it ?? ''))]
          .map((it) => `${it.join(';')}\n`)
          .join(''),
      'text/csv',
    ],
  ])('answers as the pipeline does, missing values among them: %s', async (_format, body, type) => {
    const { results } = BatchAnswer.parse(await (await predictFile(body(), type)).json());
    expect(largestDifference(results)).toBeLessThanOrEqual(1e-6);
  });

  it('answers a table of MLflow so, too', async () => {
    const dataframe_split = { columns: names, data: contract.golden.map(({ values }) => values) };
    const answer = await (await send(postJson('/invocations', { dataframe_split }))).json<{ predictions: object[] }>();
    expect(largestDifference(answer.predictions)).toBeLessThanOrEqual(1e-6);
  });

  it('takes 10,000 rows of a file', async () => {
    const { golden } = contract;
    const rows = Array.from(
      { length: 10_000 },
      (_, i) => golden[i % golden.length]?.values.map((it) => it ?? '') ?? [],
    );
    const text = await (
      await predictFile([names, ...rows].map((it) => `${it.join()}\n`).join(''), 'text/csv', 'text/csv')
    ).text();
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(10_001);
    for (const column of outputKind(contract.output).csv.columns) expect(lines[0]).toContain(column);
    // The same row has the same outcome, wherever it stands.
    const outcomeOf = (line = '') => line.split(',').slice(4, -4).join();
    expect(outcomeOf(lines[1 + 9_000])).toBe(outcomeOf(lines[1 + (9_000 % golden.length)]));
  });
});

function differenceOf(golden: Contract['golden'][number], outcome: object): number {
  if ('value' in golden && 'value' in outcome)
    return Math.abs(Number(outcome.value) - golden.value) / Math.max(1, Math.abs(golden.value));
  if (!('probabilities' in golden && 'probabilities' in outcome)) return Number.NaN;
  const answered = new Map<string, unknown>(Object.entries(outcome.probabilities ?? {}));
  return Math.max(
    ...Object.entries(golden.probabilities).map(([label, p]) => Math.abs(Number(answered.get(label)) - p)),
  );
}

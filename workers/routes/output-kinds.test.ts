import { describe, expect, it, vi } from 'vitest';
import {
  BatchAnswer,
  ExploreAnswer,
  PredictAnswer,
  PredictionDetail,
  PredictionPage,
} from '../../common/api/answers.ts';
import { Contract } from '../../common/contract/contract.ts';
import { multiclassJsonOf, regressionJsonOf } from '../../common/test/outputs.ts';
import { writeMulticlassModel, writeRegressionModel } from '../../onnx/test/outputs-models.ts';
import { sha256Hex } from '../sha256.ts';
import { get, post, postJson, readProblem, type Send } from '../test/api.ts';
import { newIsolate } from '../test/isolate.ts';
import { activate, readModel, TINY_MODEL } from '../test/models.ts';

type Kind = {
  json: (tinyJson: string, graph: { sha256: string; bytes: number }) => string;
  graph: Uint8Array<ArrayBuffer>;
  outcome: object;
  csv: RegExp;
  outcomeRequest: object;
  wrongRequest: object;
  refusal: object;
  tensors: string[];
};

const softmax = { setosa: 0.785_597, versicolor: 0.039_112_6, virginica: 0.175_290_4 };
const near = (value: number) => expect.closeTo(value, 6);
const KINDS: Record<string, Kind> = {
  multiclass: {
    json: multiclassJsonOf,
    graph: writeMulticlassModel(),
    outcome: {
      label: 'setosa',
      probability: near(softmax.setosa),
      probabilities: {
        setosa: near(softmax.setosa),
        versicolor: near(softmax.versicolor),
        virginica: near(softmax.virginica),
      },
    },
    csv: /label,probability,probability\.setosa,probability\.versicolor,probability\.virginica,warnings/,
    outcomeRequest: { label: 'virginica' },
    wrongRequest: { label: 'rose' },
    refusal: { fields: ['label'], rule: 'category' },
    tensors: ['label', 'probability', 'probability.setosa', 'probability.versicolor', 'probability.virginica'],
  },
  regression: {
    json: regressionJsonOf,
    graph: writeRegressionModel(),
    outcome: { value: 2000, unit: 'EUR', interval: { level: 0.8, lower: 1900, upper: 2150 }, risk: 'high' },
    csv: /,value,unit,lower,upper,risk,warnings/,
    outcomeRequest: { value: 1987.5 },
    wrongRequest: { value: 'dear' },
    refusal: { fields: ['value'], rule: 'type' },
    tensors: ['value', 'lower', 'upper', 'risk'],
  },
};
const RECORD = { length: 2, width: 0 };

async function serve({ json, graph }: Kind): Promise<Send> {
  const { contractJson: tinyJson, contract: tiny } = await readModel(TINY_MODEL);
  const contractJson = json(tinyJson, { sha256: await sha256Hex(graph), bytes: graph.byteLength });
  const { name, version, graph: about } = Contract.parse(JSON.parse(contractJson));
  await activate({ contract: { ...tiny, name, version, graph: about }, contractJson, graph });
  return newIsolate();
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`expected status 200, got ${response.status}: ${text}`);
  return JSON.parse(text);
}

describe.each(Object.entries(KINDS))('a %s model', (name, kind) => {
  it('is served by every route, recorded, and measured against what was observed', async () => {
    const send = await serve(kind);
    const answer = PredictAnswer.parse(await readJson(await send(postJson('/v1/predict', RECORD))));
    expect(answer).toMatchObject(kind.outcome);

    const batch = BatchAnswer.parse(
      await readJson(await send(postJson('/v1/predict/batch', [RECORD, { length: 'x' }]))),
    );
    expect(batch.results).toMatchObject([kind.outcome, { problem: { status: 422 } }]);
    const table = await (await send(post('/v1/predict/batch', 'length,width\n2,0\n', 'text/csv'))).text();
    expect(table).toMatch(kind.csv);

    const vary = { field: 'length', values: [2, 5000] };
    const explored = ExploreAnswer.parse(await readJson(await send(postJson('/v1/explore', { record: RECORD, vary }))));
    const point = name === 'regression' ? { outcome: kind.outcome } : kind.outcome;
    expect(explored.points).toMatchObject([
      { value: 2, ...point },
      { value: 5000, errors: [{ fields: ['length'] }] },
    ]);

    const inputs = Object.entries(RECORD).map(([it, value]) => ({
      name: it,
      shape: [1],
      datatype: 'FP64',
      data: [value],
    }));
    const model = name === 'regression' ? 'price' : 'species';
    const inferred = await readJson(await send(postJson(`/v2/models/${model}/infer`, { inputs })));
    expect(inferred).toMatchObject({
      outputs: [...kind.tensors, 'prediction_id'].map((it) => ({ name: it, shape: [1] })),
    });
    const scored = await readJson(await send(postJson('/invocations', { dataframe_records: [RECORD] })));
    expect(scored).toMatchObject({ predictions: [kind.outcome] });

    const stored = await vi.waitFor(
      async () => PredictionDetail.parse(await readJson(await send(get(`/v1/predictions/${answer.id}`)))),
      { timeout: 15_000, interval: 200 },
    );
    expect(stored).toMatchObject({ ...kind.outcome, input: RECORD, outcome: null });

    const put = (body: object) =>
      send(
        new Request(`http://localhost/v1/predictions/${answer.id}/outcome`, {
          method: 'PUT',
          body: JSON.stringify({ observedOn: stored.createdAt.slice(0, 10), ...body }),
          headers: { 'content-type': 'application/json' },
        }),
      );
    const { errors } = await readProblem(await put(kind.wrongRequest), 422, 'invalid-outcome');
    expect(errors).toMatchObject([kind.refusal]);
    expect(await readJson(await put(kind.outcomeRequest))).toMatchObject(kind.outcomeRequest);

    const sort = name === 'regression' ? 'value' : 'probability';
    const page = PredictionPage.parse(
      await readJson(await send(get(`/v1/predictions?sort=${sort}&outcome=known&limit=200`))),
    );
    expect(page.items.find(({ id }) => id === answer.id)).toMatchObject({
      ...kind.outcome,
      outcome: kind.outcomeRequest,
    });
    const exported = await (await send(get('/v1/predictions/export?outcome=known'))).text();
    expect(exported.split('\r\n').find((line) => line.startsWith(answer.id))).toContain(
      `${Object.values(kind.outcomeRequest)[0]},${stored.createdAt.slice(0, 10)}`,
    );

    const { components } = { components: {}, ...Object(await readJson(await send(get('/openapi.json')))) };
    expect(Object.keys(components.schemas.PredictAnswer.properties)).toEqual(
      expect.arrayContaining(Object.keys(kind.outcome)),
    );
  });
});

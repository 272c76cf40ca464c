import { describe, expect, it } from 'vitest';
import type { BinaryOutcome } from '../../common/contract/outputs/binary.ts';
import { binary } from '../../common/test/binary.ts';
import { attrition } from '../../common/test/contracts.ts';
import { countRisks, meanProbability, toDay } from '../outputs/binary/days.ts';
import { aggregate, type Observed } from './aggregate.ts';

type BinaryObserved = Extract<Observed, BinaryOutcome>;

const model = {
  name: attrition.name,
  version: attrition.version,
  sha256: attrition.graph.sha256,
  contractSha256: null,
};
const outcome = (label: string) => ({
  label,
  observedOn: '2026-02-05',
  recordedAt: '2026-02-05T10:00:00Z',
  keyId: null,
});

function prediction(createdAt: string, probability: number, changes: Partial<BinaryObserved> = {}): BinaryObserved {
  const [label, risk] = probability >= 0.32 ? ['leaves', 'high'] : ['stays', 'low'];
  const input = attrition.examples[0]?.input ?? {};
  return { createdAt, model, input, label, risk, probability, threshold: 0.32, outcome: null, ...changes };
}

describe('aggregate', () => {
  const predictions = [
    prediction('2026-02-04T23:59:59.999Z', 0.5, { outcome: outcome('leaves') }),
    prediction('2026-02-04T01:00:00+01:00', 0.1, { outcome: outcome('leaves') }),
    prediction('2026-02-02T00:30:00+01:00', 0.6, { outcome: outcome('stays') }),
    prediction('2026-02-01T12:00:00Z', 0.2),
  ];
  const overview = aggregate(predictions, predictions, attrition);
  const days = overview.days.map(({ date, outcomes }) => toDay({ date, outcomes: outcomes.map((it) => binary(it)) }));

  it('counts by day in UTC, without leaving a day out', () => {
    expect(days.map(({ date, count, mean }) => [date, count, mean])).toEqual([
      ['2026-02-01', 2, 0.4],
      ['2026-02-02', 0, null],
      ['2026-02-03', 0, null],
      ['2026-02-04', 2, 0.3],
    ]);
    expect(days[3]?.risks).toEqual(
      new Map([
        ['high', 1],
        ['low', 1],
      ]),
    );
  });

  it('sums up', () => {
    expect(overview).toMatchObject({ total: 4, known: 3 });
    expect(meanProbability(predictions)).toBeCloseTo(0.35, 12);
    expect(countRisks(predictions)).toEqual(
      new Map([
        ['high', 2],
        ['low', 2],
      ]),
    );
  });

  it('compares with the outcomes that are known', () => {
    expect(overview.comparison).toEqual({
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 1,
      trueNegatives: 0,
      precision: 0.5,
      recall: 0.5,
    });
  });

  it('compares with outcomes of older predictions than those that are counted', () => {
    const newest = predictions.slice(3);
    expect(aggregate(newest, predictions, attrition)).toMatchObject({ total: 1, known: 3 });
    expect(aggregate(newest, predictions, attrition).comparison).toEqual(overview.comparison);
  });

  it('compares what the serving version predicted with its baseline, what has moved most first', () => {
    const young = (i: number) => ({ ...attrition.examples[i % 3]?.input, age: 19 });
    const other = { ...model, version: '0.9.0' };
    const { drift, versions } = aggregate(
      [
        ...Array.from({ length: 20 }, (_, i) => prediction('2026-02-01T12:00:00Z', i / 20, { input: young(i) })),
        prediction('2026-02-01T12:00:00Z', 0.5, { model: other, input: { shoe_size: 44 } }),
      ],
      [],
      attrition,
    );
    expect(versions).toEqual(
      new Map([
        [`${model.name} ${model.version}`, 20],
        [`${model.name} 0.9.0`, 1],
      ]),
    );
    expect(drift?.compared).toBe(20);
    expect(drift?.features).toHaveLength(attrition.features.length);
    const readings = drift?.features.flatMap(({ reading }) => reading ?? []) ?? [];
    const stabilities = [...new Set(readings.map(({ stability }) => stability))];
    expect(stabilities).toEqual(['drifted', 'unclear', 'stable']);
    const drifted = readings.filter(({ stability }) => stability === 'drifted').map(({ psi }) => psi);
    expect(drifted).toEqual(drifted.toSorted((a, b) => b - a));
    expect(drift?.features.find(({ name }) => name === 'age')?.reading).toMatchObject({ stability: 'drifted' });
    expect(drift?.output?.reading?.bins.actual.reduce((a, b) => a + b)).toBe(20);
  });

  it('compares no prediction of another model that has the same number', () => {
    const namesake = { ...model, name: 'another' };
    const two = [prediction('2026-02-01T12:00:00Z', 0.5), prediction('2026-02-01T12:00:00Z', 0.5, { model: namesake })];
    expect(aggregate(two, [], attrition).drift?.compared).toBe(1);
  });

  it('has nothing to say of no predictions, and no drift without a baseline', () => {
    expect(aggregate([], [], attrition)).toMatchObject({ total: 0, days: [], known: 0 });
    expect(aggregate([], [], attrition).drift?.output?.reading).toBeNull();
    const { baseline: _, ...without } = attrition;
    expect(aggregate(predictions, [], without).drift).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { RegressionOutput, regressionKind } from './regression.ts';

const output = RegressionOutput.parse({
  kind: 'regression',
  target: { name: 'SiteEnergyUse(kBtu)' },
  unit: { fr: 'kBtu', en: 'kBtu' },
  decimals: 0,
  seen: { min: 1000, max: 900_000 },
  bands: [
    { id: 'usual', label: { fr: 'usuelle', en: 'usual' }, from: null },
    { id: 'high', label: { fr: 'haute', en: 'high' }, from: 500_000 },
  ],
  interval: { level: 0.9, lower: -500, upper: 750 },
});
const kind = regressionKind(output);

describe('the graph’s answer', () => {
  it.each([[[2]], [[2, 1]]])('is one number a row, in shape %j', (dims) => {
    expect(kind.readRaw({ name: 'y', data: new Float64Array([-1.5, 3e9]), dims }, 2, null)).toEqual([-1.5, 3e9]);
  });

  it('is a column where the contract names one', () => {
    const tensor = { name: 'y', data: new Float32Array([1, 2, 3, 4]), dims: [2, 2] };
    expect(kind.readRaw(tensor, 2, 1)).toEqual([2, 4]);
    expect(() => kind.readRaw(tensor, 2, null)).toThrow('graph.outputColumn');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is refused where it is %f', (value) => {
    expect(() => kind.readRaw({ name: 'y', data: new Float64Array([value]), dims: [1] }, 1, null)).toThrow(
      'which is not a finite number',
    );
  });
});

it('has its unit, its interval and its band', () => {
  expect(kind.toOutcome(500_000)).toEqual({
    value: 500_000,
    unit: 'kBtu',
    interval: { level: 0.9, lower: 499_500, upper: 500_750 },
    risk: 'high',
  });
  expect(kind.toOutcome(-3).risk).toBe('usual');
  const { unit: _, bands: __, interval: ___, ...bare } = output;
  expect(regressionKind(bare).toOutcome(1.5)).toEqual({ value: 1.5 });
  expect(() => kind.toOutcome(Number.NaN)).toThrow(RangeError);
});

it('compares relative to the expected value, from 1 on', () => {
  expect(kind.distance(1_000_001, 1_000_000)).toBe(1e-6);
  expect(kind.distance(0.25, 0)).toBe(0.25);
  expect(kind.distance(1, undefined)).toBeNaN();
  expect(kind.expectationDefect({ probability: 0.5 })).toContain('must have "value"');
});

it('names its defects', () => {
  const [first, second] = output.bands ?? [];
  const wrong = { ...output, seen: { min: 2, max: 1 }, bands: second && first ? [second, first] : [] };
  expect(regressionKind(wrong).defects()).toEqual([
    'output.seen.min is above output.seen.max',
    'the first band must start at null, and the others ascend',
  ]);
  expect(kind.defects()).toEqual([]);
});

it('measures residuals as scikit-learn does', () => {
  const pairs = [
    [3, 2.5],
    [-0.5, 0],
    [2, 2],
    [7, 8],
  ] as const;
  const told = pairs.map(([observed, value]) => ({ observed, predicted: { value } }));
  // The example of r2_score in scikit-learn's documentation.
  const { residuals, mae, rmse, r2 } = kind.compareWithOutcomes(told);
  expect(residuals).toEqual([0.5, -0.5, 0, -1]);
  expect([mae, rmse]).toEqual([0.5, Math.sqrt(0.375)]);
  expect(r2).toBeCloseTo(0.948_608_137, 9);
  expect(kind.compareWithOutcomes([])).toEqual({ residuals: [], mae: null, rmse: null, r2: null });
  expect(kind.compareWithOutcomes(told.slice(0, 1)).r2).toBeNull();
});

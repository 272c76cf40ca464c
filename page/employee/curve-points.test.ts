import { describe, expect, it } from 'vitest';
import type { ExplorePoint } from '../../common/api/answers.ts';
import { attrition } from '../../common/test/contracts.ts';
import { runsOf, scaleOf, ticksOf, valuesToTry } from './curve-points.ts';

describe('valuesToTry', () => {
  it('is everything that a feature was seen to be, in as many values as a request may have', () => {
    for (const feature of attrition.features) {
      const values = valuesToTry(feature);
      expect(values.length, feature.name).toBeGreaterThan(1);
      expect(values.length, feature.name).toBeLessThanOrEqual(70);
      expect(new Set(values).size, feature.name).toBe(values.length);
      if (feature.type === 'category') continue;
      expect(values, feature.name).toEqual(values.toSorted((a, b) => Number(a) - Number(b)));
      expect(Number(values[0]), feature.name).toBeLessThanOrEqual(feature.seen.min);
      expect(Number(values.at(-1)), feature.name).toBeGreaterThanOrEqual(feature.seen.max);
      if (feature.type === 'integer') expect(values.every(Number.isInteger), feature.name).toBe(true);
    }
  });
});

it('draws no line through what is refused', () => {
  const at = (value: number): ExplorePoint => ({
    value,
    label: 'a',
    probability: value / 10,
    risk: 'low',
    warnings: [],
  });
  const refused: ExplorePoint = { value: 3, errors: [{ fields: ['x'], rule: 'r', detail: 'd' }] };
  expect(runsOf([refused, at(1), at(2), refused, at(4)])).toEqual([
    [
      { value: 1, probability: 0.1 },
      { value: 2, probability: 0.2 },
    ],
    [{ value: 4, probability: 0.4 }],
  ]);
  expect(runsOf([refused])).toEqual([]);
});

it('has room above the largest probability, and never above 1', () => {
  expect([scaleOf([]), scaleOf([0.32]), scaleOf([0.3, 0.99])]).toEqual([0.1, 0.4, 1]);
});

it('marks round values', () => {
  expect(ticksOf(18, 60, 5)).toEqual([20, 30, 40, 50, 60]);
  expect(ticksOf(0, 0.4, 5)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
  expect(ticksOf(3, 3, 5)).toEqual([3]);
});

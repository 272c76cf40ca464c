import { expect, it } from 'vitest';
import type { ExplorePoint } from '../../../common/api/answers.ts';
import { runsOf, scaleOf, ticksOf } from './curve-points.ts';

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

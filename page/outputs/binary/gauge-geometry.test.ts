import { expect, it } from 'vitest';
import { arc, pointAt } from './gauge-geometry.ts';

it('runs from the left end over the top to the right end', () => {
  expect([pointAt(0, 100), pointAt(0.5, 100), pointAt(1, 100)]).toEqual([
    { x: 20, y: 120 },
    { x: 120, y: 20 },
    { x: 220, y: 120 },
  ]);
  expect(arc(0, 0.5, 100)).toBe('M20 120A100 100 0 0 1 120 20');
});

import { describe, expect, it } from 'vitest';
import { attrition } from '../test/contracts.ts';
import { toOutcome } from './outcome.ts';

describe('toOutcome', () => {
  const { output } = attrition;
  const [, second, third] = output.bands.map(({ from }) => from);

  it.each([
    [0, 'stays', 'low'],
    [(second ?? 0) - 1e-9, 'stays', 'low'],
    [second ?? 0, 'stays', 'moderate'],
    [output.threshold - 1e-9, 'stays', 'moderate'],
    [output.threshold, 'leaves', 'high'],
    [third ?? 0, 'leaves', 'high'],
    [1, 'leaves', 'high'],
  ])('%f is %s, %s', (probability, label, risk) => {
    expect(toOutcome(output, probability)).toEqual({ label, probability, threshold: output.threshold, risk });
  });

  it('follows the threshold of the contract', () => {
    expect(toOutcome({ ...output, threshold: 0.9 }, 0.8).label).toBe('stays');
  });

  it('refuses what is no probability', () => {
    expect(() => toOutcome(output, Number.NaN)).toThrow(RangeError);
  });
});

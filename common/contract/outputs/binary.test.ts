import { describe, expect, it } from 'vitest';
import { attrition } from '../../test/contracts.ts';
import { binaryKind } from './binary.ts';

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
    expect(binaryKind(output).toOutcome(probability)).toEqual({
      label,
      probability,
      threshold: output.threshold,
      risk,
    });
  });

  it('follows the threshold of the contract', () => {
    expect(binaryKind({ ...output, threshold: 0.9 }).toOutcome(0.8).label).toBe('stays');
  });

  it('refuses what is no probability', () => {
    expect(() => binaryKind(output).toOutcome(Number.NaN)).toThrow(RangeError);
  });
});

import { describe, expect, it } from 'vitest';
import { attrition } from '../../test/contracts.ts';
import { binaryKind, pickBinaryOutcome } from './binary.ts';

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

describe('compareWithOutcomes', () => {
  const { compareWithOutcomes, toOutcome } = binaryKind(attrition.output);
  const outcomeOf = (label: string) => toOutcome(label === 'leaves' ? 1 : 0);
  const pairs = (predicted: string, observed: string, times: number) =>
    new Array(times).fill({ predicted: outcomeOf(predicted), observed });

  it('counts the four cases, and divides', () => {
    const outcomes = [
      ...pairs('leaves', 'leaves', 3),
      ...pairs('leaves', 'stays', 1),
      ...pairs('stays', 'leaves', 2),
      ...pairs('stays', 'stays', 10),
    ];
    expect(compareWithOutcomes(outcomes)).toEqual({
      truePositives: 3,
      falsePositives: 1,
      falseNegatives: 2,
      trueNegatives: 10,
      precision: 0.75,
      recall: 0.6,
    });
  });

  it('gives no share of nothing', () => {
    expect(compareWithOutcomes(pairs('stays', 'stays', 2))).toMatchObject({ precision: null, recall: null });
    expect(compareWithOutcomes(pairs('leaves', 'stays', 2))).toMatchObject({ precision: 0, recall: null });
  });
});

describe('pickBinaryOutcome', () => {
  it('is the outcome alone of what holds one', () => {
    const { toOutcome } = binaryKind(attrition.output);
    const outcome = toOutcome(0.75);
    expect(pickBinaryOutcome({ ...outcome, ...{ id: '1', warnings: [] } })).toEqual(outcome);
  });
});

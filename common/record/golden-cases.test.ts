import { describe, expect, it } from 'vitest';
import { attrition } from '../test/contracts.ts';
import { replayGoldenCases } from './golden-cases.ts';

/** A predictor that answers with the contract's values, changed by `change`. */
function recited(change: (probability: number, i: number) => number) {
  let i = 0;
  return async () => {
    const expected = [...attrition.golden, ...attrition.examples][i]?.probability ?? Number.NaN;
    return [change(expected, i++)];
  };
}

describe('replayGoldenCases', () => {
  it('finds nothing wrong with the probabilities of the contract', async () => {
    const report = await replayGoldenCases(
      attrition,
      recited((p) => p),
    );
    expect(report).toEqual({
      cases: attrition.golden.length + attrition.examples.length,
      maxAbsDifference: 0,
      failures: [],
    });
  });

  it.each([
    ['off by 1e-3', (p: number) => p + 1e-3],
    ['no number', () => Number.NaN],
  ])('names the case that is %s', async (_title, change) => {
    const { failures } = await replayGoldenCases(
      attrition,
      recited((p, i) => (i === 7 ? change(p) : p)),
    );
    expect(failures).toEqual([expect.stringContaining('golden case 7')]);
  });

  it('names a case that the contract itself refuses', async () => {
    const golden = attrition.golden.map((it, i) => (i === 3 ? { ...it, values: it.values.map(() => 'x') } : it));
    const { failures } = await replayGoldenCases(
      { ...attrition, golden },
      recited((p) => p),
    );
    expect(failures[0]).toContain('golden case 3 is refused');
  });
});

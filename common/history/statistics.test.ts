import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureKind } from '../contract/features/features.ts';
import { attrition } from '../test/contracts.ts';
import {
  countBetween,
  countInBins,
  meanOf,
  populationStabilityIndex,
  readStability,
  stabilityChanceLimit,
  unitEdges,
} from './statistics.ts';

describe('countInBins', () => {
  const ages = { edges: [18, 30, 40, 60], counts: [1, 2, 3] };

  it('counts a value in the bin whose lower edge it reaches, and the last edge in the last bin', () => {
    expect(countInBins(ages, [18, 29.9, 30, 39, 40, 60])).toEqual({ expected: [1, 2, 3], actual: [2, 2, 2] });
  });

  it('counts what is outside in the bin at that end', () => {
    expect(countInBins(ages, [-5, 17, 61, 1e9]).actual).toEqual([2, 0, 2]);
  });

  it('counts what is no number together, as missing', () => {
    expect(countInBins(ages, [20, null, 'x', 70])).toEqual({ expected: [1, 2, 3, 0], actual: [1, 0, 1, 2] });
  });

  it('has one bin only where there are two edges', () => {
    expect(countBetween([0, 1], [-1, 0, 0.5, 2])).toEqual([4]);
  });

  it('counts categories in the order of the baseline, and those that it lacks together', () => {
    const travel = { counts: { never: 4, often: 6 } };
    expect(countInBins(travel, ['often', 'never', 'often'])).toEqual({ expected: [4, 6], actual: [1, 2] });
    expect(countInBins(travel, ['by boat', 'often', 'toString'])).toEqual({ expected: [4, 6, 0], actual: [0, 1, 2] });
    expect(countInBins(travel, ['often'], 10)).toEqual({ expected: [4, 6], actual: [0, 1] });
  });

  it('has the rows that a baseline does not tell in that bin, so that they are no drift', () => {
    const travel = { counts: { never: 50, often: 30 } };
    expect(countInBins(travel, ['often', 'seldom'], 88)).toEqual({ expected: [50, 30, 8], actual: [0, 1, 1] });
    expect(countInBins(travel, ['often'], 88)).toEqual({ expected: [50, 30, 8], actual: [0, 1, 0] });
    const live = [...Array(500).fill('never'), ...Array(300).fill('often'), ...Array(80).fill('seldom')];
    expect(readStability(travel, live, 88)).toMatchObject({ psi: 0, stability: 'stable' });
  });
});

describe('populationStabilityIndex', () => {
  it('is what its formula gives by hand', () => {
    // (0.6 − 0.5) ln(0.6 / 0.5) + (0.4 − 0.5) ln(0.4 / 0.5)
    expect(populationStabilityIndex({ expected: [50, 50], actual: [6, 4] })).toBeCloseTo(0.040_546_5, 7);
  });

  it('counts an empty bin as half a row', () => {
    // (1 − 0.5) ln(1 / 0.5) + (0.5/3 − 0.5) ln((0.5/3) / 0.5)
    expect(populationStabilityIndex({ expected: [7, 7], actual: [3, 0] })).toBeCloseTo(0.712_777_7, 7);
    expect(populationStabilityIndex({ expected: [3, 0], actual: [7, 7] })).toBeCloseTo(0.712_777_7, 7);
  });

  it('is no number where one side has no rows', () => {
    expect(populationStabilityIndex({ expected: [0, 0], actual: [1, 1] })).toBeNaN();
    expect(populationStabilityIndex({ expected: [1, 1], actual: [0, 0] })).toBeNaN();
  });

  it('is 0 for the same shares, never negative, and the same either way round', () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(1000)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(counts, (pairs) => {
        const [e, a] = [pairs.map(([it]) => it), pairs.map(([, it]) => it)];
        fc.pre(a.some((it) => it > 0));
        const psi = populationStabilityIndex({ expected: e, actual: a });
        expect(psi).toBeGreaterThanOrEqual(0);
        expect(populationStabilityIndex({ expected: a, actual: e })).toBeCloseTo(psi, 10);
        expect(populationStabilityIndex({ expected: e, actual: e.map((it) => it * 3) })).toBeCloseTo(0, 10);
      }),
    );
  });
});

describe('stabilityChanceLimit', () => {
  it('is the 99 % quantile of χ², over the numbers of rows', () => {
    // χ² tables: 9.210 with 2 degrees of freedom, 13.277 with 4, 21.666 with 9
    const limit = (bins: number) =>
      stabilityChanceLimit({
        expected: new Array(bins).fill(1000 / bins),
        actual: new Array(bins).fill(250 / bins),
      }) /
      (1 / 1000 + 1 / 250);
    expect(limit(3)).toBeCloseTo(9.21, 0);
    expect(limit(5)).toBeCloseTo(13.277, 1);
    expect(limit(10)).toBeCloseTo(21.666, 1);
  });

  it('is 0 for one bin, which chance cannot move', () => {
    expect(stabilityChanceLimit({ expected: [5], actual: [9] })).toBe(0);
  });

  it.each([5, 20, 100, 300])('is kept by at least 97 of 100 samples of %i training rows', (rows) => {
    const baseline = attrition.baseline?.features['age'];
    if (!baseline || !('edges' in baseline)) throw new Error('the contract has no baseline of age');
    const population = baseline.edges.slice(0, -1).flatMap((edge, i) => new Array(baseline.counts[i]).fill(edge));
    // A generator of its own (Park and Miller): the same samples in every run.
    let seed = 20_261_123;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const isKept = () => {
      const sample = Array.from({ length: rows }, () => population[Math.floor(random() * population.length)]);
      const bins = countInBins(baseline, sample);
      return populationStabilityIndex(bins) < stabilityChanceLimit(bins);
    };
    const kept = Array.from({ length: 1000 }, isKept).filter(Boolean).length;
    expect(kept).toBeGreaterThanOrEqual(970);
  });
});

describe('readStability', () => {
  const halves = { edges: [0, 0.5, 1], counts: [500, 500] };
  const values = (low: number, high: number) => [...new Array(low).fill(0.1), ...new Array(high).fill(0.9)];

  it.each([
    { what: 'the same shares', low: 500, high: 500, stability: 'stable' },
    { what: 'a shift', low: 680, high: 320, stability: 'shifted' },
    { what: 'another population', low: 900, high: 100, stability: 'drifted' },
    { what: 'five rows on one side', low: 4, high: 1, stability: 'unclear' },
  ])('calls $what $stability', ({ low, high, stability }) => {
    expect(readStability(halves, values(low, high))?.stability).toBe(stability);
  });

  it('says nothing of no values', () => {
    expect(readStability(halves, [])).toBeNull();
  });

  it('finds the golden cases of the published contract countable in every baseline', () => {
    for (const [i, feature] of attrition.features.entries()) {
      const { name } = feature;
      const { binOf } = featureKind(feature);
      const baseline = attrition.baseline?.features[name];
      const bins =
        baseline &&
        readStability(
          baseline,
          attrition.golden.map(({ values: row }) => binOf(row[i] ?? null)),
        )?.bins;
      expect(
        bins?.actual.reduce((a, b) => a + b),
        name,
      ).toBe(attrition.golden.length);
      expect(bins?.actual, name).toHaveLength(bins?.expected.length ?? -1);
    }
  });
});

describe('meanOf', () => {
  it('is the mean, and null of nothing', () => {
    expect(meanOf([1, 2, 6])).toBe(3);
    expect(meanOf([])).toBeNull();
  });
});

describe('unitEdges', () => {
  it('divides 0 to 1 into bins of one width', () => {
    expect(unitEdges(4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });
});

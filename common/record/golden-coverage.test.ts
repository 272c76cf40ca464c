import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import type { FeatureValue } from '../contract/features/kind.ts';
import { attrition, flags } from '../test/contracts.ts';
import { goldenCoverage } from './golden-coverage.ts';

/** Where a feature is in a golden case. */
const columnOf = (name: string) => attrition.features.findIndex((feature) => feature.name === name);

/** The published contract without the golden cases that hold such a value. */
function without(name: string, isOut: (value: FeatureValue | undefined) => boolean): Contract {
  return { ...attrition, golden: attrition.golden.filter(({ values }) => !isOut(values[columnOf(name)])) };
}

/** The published contract, its feature described otherwise. */
function described(name: string, change: object): Contract {
  return {
    ...attrition,
    features: attrition.features.map((feature) => (feature.name === name ? { ...feature, ...change } : feature)),
  };
}

describe('the golden cases', () => {
  it('of the published model are enough', () => {
    expect(goldenCoverage(attrition).missing).toEqual([]);
  });

  it('are too few where one case is repeated', () => {
    const [golden] = attrition.golden;
    if (!golden) throw new Error('there is a golden case');
    const { missing } = goldenCoverage({ ...attrition, golden: new Array(100).fill(golden) });
    expect(missing).toEqual(
      expect.arrayContaining(['1 different golden cases, and at least 50 are needed', 'age = 70', 'the label "stays"']),
    );
  });

  it.each<[string, Contract, string]>([
    ['a category', without('genre', (value) => value === 'F'), 'genre = "F"'],
    ['the lowest number', without('age', (value) => value === 18), 'age = 18'],
    [
      'the highest number',
      without('distance_domicile_travail', (value) => value === 100),
      'distance_domicile_travail = 100',
    ],
    [
      'a number beyond an exclusive bound, as far out as training covers',
      without('revenu_mensuel', (value) => typeof value === 'number' && value <= 1100),
      'revenu_mensuel at most 1100',
    ],
    [
      'an end that is refused for its unit',
      described('age', {
        refused: [{ interval: { min: 69, max: 70 }, hint: { fr: 'x', en: 'x' } }],
        seen: { min: 18, max: 75 },
      }),
      'age at least 75',
    ],
    ['a label', { ...attrition, output: { ...attrition.output, threshold: 0.99 } }, 'the label "leaves"'],
    ['the other label', { ...attrition, output: { ...attrition.output, threshold: 0 } }, 'the label "stays"'],
  ])('lack %s', (_what, contract, gap) => {
    expect(goldenCoverage(contract).missing).toContain(gap);
  });

  it('lack both values of a flag, and are all the records there can be where those are few', () => {
    expect(goldenCoverage(flags).missing).toContain('1 different golden cases, and at least 16 are needed');
    expect(goldenCoverage(flags).missing).toEqual(
      expect.arrayContaining(['running = false', 'insured = false', 'the label "runs"']),
    );
  });

  it('need not show an end that a rule keeps every record from, and say so', () => {
    const rule = attrition.rules.find((it) => it.type === 'at-most');
    if (rule?.type !== 'at-most') throw new Error('the contract orders two features');
    const beyond = described(rule.left, { accepted: { min: 0, max: 500 } });
    const { missing, remarks } = goldenCoverage(beyond);
    expect(missing).not.toContain(`${rule.left} = 500`);
    expect(remarks).toContain(`${rule.left} = 500`);
  });

  it('are better with an end of what training has seen, and a rule at its limit', () => {
    const { missing, remarks } = goldenCoverage(without('age', (value) => value === 60));
    expect(missing).toEqual([]);
    expect(remarks).toContain('age = 60, an end of what training has seen');
    const rule = attrition.rules.find((it) => it.type === 'at-most');
    const impossible = { ...attrition, rules: rule?.type === 'at-most' ? [{ ...rule, offset: 0.5 }] : [] };
    expect(goldenCoverage(impossible).remarks).toContain(`the rule "${rule?.id}" at its limit`);
  });
});

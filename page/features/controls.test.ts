import { describe, expect, it } from 'vitest';
import type { Feature } from '../../common/contract/features/features.ts';
import type { NumericFeature } from '../../common/contract/features/numeric.ts';
import { attrition } from '../../common/test/contracts.ts';
import { featureControl } from './controls.ts';
import { nextNumber, roundStep } from './number-entry.ts';
import { sliderOf } from './numeric.tsx';

const feature = (name: string): Feature => {
  const found = attrition.features.find((it) => it.name === name);
  if (!found) throw new Error(`no feature ${name}`);
  return found;
};
const number = (name: string): NumericFeature => {
  const found = feature(name);
  if (found.type !== 'integer' && found.type !== 'number') throw new Error(`${name} is no number`);
  return found;
};
const control = (name: string) => featureControl(feature(name));

describe('the choices of a control', () => {
  it('are a few values side by side', () => {
    expect(control('heure_supplementaires').choices('en')).toEqual([
      { value: 'Non', label: 'No' },
      { value: 'Oui', label: 'Yes' },
    ]);
    const numbers = control('nombre_participation_pee').choices('fr');
    expect(numbers?.map(({ value }) => value)).toEqual(['0', '1', '2', '3']);
  });

  it('are five numbers at most', () => {
    const several = number('nombre_participation_pee');
    const upTo = (max: number) => featureControl({ ...several, accepted: { ...several.accepted, min: 0, max } });
    expect(upTo(4).choices('fr')).toHaveLength(5);
    expect(upTo(5).choices('fr')).toBeNull();
  });

  it.each(['poste', 'departement', 'age', 'revenu_mensuel'])('are not those of %s, in any language', (name) => {
    expect([control(name).choices('fr'), control(name).choices('en')]).toEqual([null, null]);
  });
});

describe('the values that a chart tries', () => {
  it('are all that a feature was seen to be, as many as a request may have', () => {
    for (const it of attrition.features) {
      const values = featureControl(it).valuesToTry();
      expect(values.length, it.name).toBeGreaterThan(1);
      expect(values.length, it.name).toBeLessThanOrEqual(70);
      expect(new Set(values).size, it.name).toBe(values.length);
      if (it.type !== 'integer' && it.type !== 'number') continue;
      expect(values, it.name).toEqual(values.toSorted((a, b) => Number(a) - Number(b)));
      expect(Number(values[0]), it.name).toBeLessThanOrEqual(it.seen.min);
      expect(Number(values.at(-1)), it.name).toBeGreaterThanOrEqual(it.seen.max);
      if (it.type === 'integer') expect(values.every(Number.isInteger), it.name).toBe(true);
    }
  });
});

it('has a slider over the range that training covers, in round steps', () => {
  expect(sliderOf(number('age'))).toEqual({ min: 18, max: 60, step: 1 });
  expect(sliderOf(number('revenu_mensuel'))).toEqual({ min: 1100, max: 19_800, step: 50 });
});

it.each([
  [0.3, 0.5],
  [1, 1],
  [1.2, 2],
  [47.5, 50],
  [51, 100],
])('the next round step from %d is %d', (least, step) => {
  expect(roundStep(least)).toBeCloseTo(step, 9);
});

it.each([
  [41, 1, 42],
  [41.1, 1, 42.1],
  [31.01, 1, 32.01],
  [18, -1, 18],
  [0, 1, 18],
  [69.5, 1, 70],
  [80, -1, 70],
] as const)('the arrow keys go from %d by %d to %d', (from, direction, to) => {
  expect(nextNumber(from, direction, { min: 18, max: 70, exclusiveMin: false, exclusiveMax: false })).toBe(to);
});

it('the arrow keys do not go to a limit that is not accepted itself', () => {
  expect(nextNumber(1, -1, { min: 0, max: 50, exclusiveMin: true, exclusiveMax: false })).toBe(1);
});

it('says what is accepted, and what a value means', () => {
  expect(control('age').describeRange('en')).toBe('18 to 70\u00a0years');
  expect(control('revenu_mensuel').describeRange('en')).toBe('more than 0, up to 50,000\u00a0EUR/month');
  expect(control('age').describe(41, 'fr')).toBe('41\u00a0ans');
  expect(control('genre').describe('F', 'en')).toBe('Woman');
});

it('says one year where there is one, or less in French', () => {
  const years = control('annees_dans_l_entreprise');
  expect([0, 1, 2].map((it) => years.describe(it, 'fr'))).toEqual(['0\u00a0an', '1\u00a0an', '2\u00a0ans']);
  expect([0, 1, 2].map((it) => years.describe(it, 'en'))).toEqual(['0\u00a0years', '1\u00a0year', '2\u00a0years']);
  expect(control('revenu_mensuel').describe(1, 'fr')).toBe('1\u00a0€/mois');
});

it.each(attrition.features.map(({ name }) => name))(
  'says of %s that a value is missing, never 0 or nothing',
  (name) => {
    expect(control(name).describe(null, 'en')).toBe('not given');
  },
);

it('is the same component at every rendering, so that nobody loses a field while typing', () => {
  for (const it of attrition.features) expect(featureControl(it).Control, it.name).toBe(featureControl(it).Control);
});

import { describe, expect, it } from 'vitest';
import type { Feature, NumericFeature } from '../../common/contract/contract.ts';
import { attrition } from '../../common/test/contracts.ts';
import { choicesOf, describeRange, describeValue, roundStep, sliderOf } from './number-control.ts';

const feature = (name: string): Feature => {
  const found = attrition.features.find((it) => it.name === name);
  if (!found) throw new Error(`no feature ${name}`);
  return found;
};
const number = (name: string): NumericFeature => {
  const found = feature(name);
  if (found.type === 'category') throw new Error(`${name} is no number`);
  return found;
};

describe('choicesOf', () => {
  it('puts a few values side by side', () => {
    expect(choicesOf(feature('heure_supplementaires'), 'en')).toEqual([
      { value: 'Non', label: 'No' },
      { value: 'Oui', label: 'Yes' },
    ]);
    expect(choicesOf(feature('nombre_participation_pee'), 'fr')?.map(({ value }) => value)).toEqual([
      '0',
      '1',
      '2',
      '3',
    ]);
  });

  it.each(['poste', 'departement', 'age', 'revenu_mensuel'])('but not those of %s, in any language', (name) => {
    expect([choicesOf(feature(name), 'fr'), choicesOf(feature(name), 'en')]).toEqual([null, null]);
  });
});

it('has a slider over what was seen in training, in round steps', () => {
  expect(sliderOf(number('age'))).toEqual({ min: 18, max: 60, step: 1 });
  expect(sliderOf(number('revenu_mensuel'))).toEqual({ min: 1000, max: 20_000, step: 50 });
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

it('says what is accepted, and what a value means', () => {
  expect(describeRange(number('age'), 'en')).toBe('18 to 70\u00a0years');
  expect(describeRange(number('revenu_mensuel'), 'en')).toBe('more than 0, up to 50,000\u00a0EUR/month');
  expect(describeValue(feature('age'), '41', 'fr')).toBe('41\u00a0ans');
  expect(describeValue(feature('genre'), 'F', 'en')).toBe('Woman');
});

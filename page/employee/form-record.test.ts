import { describe, expect, it } from 'vitest';
import { createValidator } from '../../common/record/validation.ts';
import { attrition } from '../../common/test/contracts.ts';
import { changedFields, countFilled, recordOf, shownViolations, toEntries } from './form-record.ts';

const [example] = attrition.examples;
const input = example?.input ?? {};

describe('recordOf', () => {
  it('gives back what the entries were made of', () => {
    expect(recordOf(attrition, toEntries(attrition, input, 'en'))).toEqual(input);
  });

  it('leaves out what is empty, and says who it is about where that is filled in', () => {
    expect(recordOf(attrition, { age: '', genre: 'F', id_employee: ' E_7 ' })).toEqual({
      id_employee: 'E_7',
      genre: 'F',
    });
    expect(recordOf(attrition, { id_employee: ' ' })).toEqual({});
  });

  it.each([
    ['9200,5', 9200.5],
    ['9200.5', 9200.5],
    ['9\u202f200,50', 9200.5],
    ['9.200,50', 9200.5],
  ])('holds the number that %j is, in every language', (revenu_mensuel, number) => {
    expect(recordOf(attrition, { revenu_mensuel })).toEqual({ revenu_mensuel: number });
  });

  it.each(['9.200', '15,125', 'much'])('keeps %j, which is no number for sure, as text', (revenu_mensuel) => {
    expect(recordOf(attrition, { revenu_mensuel })).toEqual({ revenu_mensuel });
  });

  it.each(['fr', 'en'] as const)('gives back decimals in %s, whatever their number', (language) => {
    for (const revenu_mensuel of [5993, 5.993, 2850.5, 1100.125]) {
      const entries = toEntries(attrition, { revenu_mensuel }, language);
      expect(recordOf(attrition, entries)).toEqual({ revenu_mensuel });
    }
    expect(toEntries(attrition, { revenu_mensuel: 2850.5 }, 'fr')).toEqual({ revenu_mensuel: '2850,5' });
  });
});

describe('shownViolations', () => {
  const validation = createValidator(attrition)({
    age: 12,
    annees_dans_l_entreprise: 3,
    annees_dans_le_poste_actuel: 9,
  });
  const violations = validation.ok ? [] : validation.violations;
  const rules = (left: string[], isSubmitted = false) =>
    shownViolations(violations, { left: new Set(left), isSubmitted }).map(({ rule }) => rule);

  it('says nothing of a field before it was left, nor of what is still empty', () => {
    expect(rules([])).toEqual([]);
    expect(rules(['genre'])).toEqual([]);
    expect(rules(['age'])).toEqual(['minimum']);
  });

  it('says what is wrong between two fields once both were left', () => {
    expect(rules(['annees_dans_l_entreprise'])).toEqual([]);
    expect(rules(['annees_dans_l_entreprise', 'annees_dans_le_poste_actuel'])).toEqual(['position-within-company']);
  });

  it('says everything once the form was submitted', () => {
    expect(rules([], true)).toHaveLength(violations.length);
    expect(rules([], true)).toContain('required');
  });
});

it('counts what is filled in, without who it is about', () => {
  expect(countFilled(attrition, { id_employee: '7', age: '41', genre: '' })).toBe(1);
  expect(countFilled(attrition, toEntries(attrition, input, 'en'))).toBe(attrition.features.length);
});

it('names what was changed, in the order of the contract', () => {
  const before = toEntries(attrition, input, 'en');
  const after = { ...before, genre: 'M', age: '46', id_employee: '7' };
  expect(changedFields(attrition, before, after).map(({ name }) => name)).toEqual(['age', 'genre']);
  expect(changedFields(attrition, { revenu_mensuel: '2850,5' }, { revenu_mensuel: '2850.50' })).toEqual([]);
});

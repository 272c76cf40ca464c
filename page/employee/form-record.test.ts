import { describe, expect, it } from 'vitest';
import { createValidator } from '../../common/record/validation.ts';
import { attrition } from '../../common/test/contracts.ts';
import { UNREADABLE } from '../features/number-entry.ts';
import { changedFields, countFilled, recordOf, shownViolations, toEntries } from './form-record.ts';

const [example] = attrition.examples;
const input = example?.input ?? {};

describe('recordOf', () => {
  it('gives back what the entries were made of', () => {
    expect(recordOf(attrition, toEntries(input))).toEqual(input);
  });

  it('leaves out what is empty, and says who it is about where that is filled in', () => {
    expect(recordOf(attrition, { age: '', genre: 'F', id_employee: ' E_7 ' })).toEqual({
      id_employee: 'E_7',
      genre: 'F',
    });
    expect(recordOf(attrition, { id_employee: ' ' })).toEqual({});
  });

  it('holds no number where the browser could read none', () => {
    expect(recordOf(attrition, { age: UNREADABLE })).toEqual({ age: Number.NaN });
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
  expect(countFilled(attrition, toEntries(input))).toBe(attrition.features.length);
});

it('names what was changed, in the order of the contract', () => {
  const before = toEntries(input);
  const after = { ...before, genre: 'M', age: '46', id_employee: '7' };
  expect(changedFields(attrition, before, after).map(({ name }) => name)).toEqual(['age', 'genre']);
});

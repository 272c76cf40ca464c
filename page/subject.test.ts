import { describe, expect, it } from 'vitest';
import { attrition } from '../common/test/contracts.ts';
import { afterDe, subjectHeading } from './subject.ts';

describe('the subject of a record', () => {
  it('is what the contract says, as a heading', () => {
    expect(subjectHeading(attrition)).toEqual({ fr: 'Employé', en: 'Employee' });
  });

  it.each([
    ['employés', 'd’employés'],
    ['Énergies', 'd’Énergies'],
    ['bâtiments', 'de bâtiments'],
  ])('elides before %s', (word, expected) => {
    expect(afterDe(word)).toBe(expected);
  });
});

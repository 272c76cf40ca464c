import { expect, it } from 'vitest';
import { createValidator } from '../record/validation.ts';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { unitOf } from './unit.ts';

const YEARS = { fr: 'ans', en: 'years' };

it.each([
  [0, 'an', 'years'],
  [1, 'an', 'year'],
  [1.5, 'an', 'years'],
  [2, 'ans', 'years'],
] as const)('%d %s, %d %s', (value, fr, en) => {
  expect([unitOf(value, YEARS, 'fr'), unitOf(value, YEARS, 'en')]).toEqual([fr, en]);
});

it('leaves other units as they are', () => {
  expect(unitOf(1, { fr: 'mois', en: 'EUR/month' }, 'fr')).toBe('mois');
});

/** The French messages about a field. */
function messagesAbout(name: string, value: number): string[] {
  const validation = createValidator(attrition)({ ...exampleRecord(), [name]: value });
  const notes = validation.ok ? validation.warnings : validation.violations;
  return notes.filter(({ fields }) => fields.includes(name)).map(({ message }) => message.fr);
}

it('numbers and units in French messages are as French writes them', () => {
  expect(messagesAbout('revenu_mensuel', 60_000)).toEqual(['Doit être au plus 50\u202f000 €/mois.']);
  expect(messagesAbout('annees_dans_l_entreprise', -1)).toContain('Doit être au moins 0 an.');
  expect(messagesAbout('revenu_mensuel', 30_000.5)[0]).toMatch(/^30\u202f000,5 est hors .* à \d\d\u202f\d{3}\)\.$/);
});

import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { attrition } from '../test/contracts.ts';
import { createColumnMatcher, createHeaderTest } from './match-columns.ts';

const match = createColumnMatcher(attrition);
const fieldOf = (name: string) => match([name])[0];

describe('a column', () => {
  it('is known by its name, its aliases and its labels', () => {
    for (const { name, aliases, label } of attrition.features) {
      expect(match([name, ...aliases])).toEqual([name, ...aliases]);
      expect(match([label.fr, label.en, label.fr.toUpperCase(), label.en.replaceAll(' ', '_')])).toEqual(
        Array(4).fill(name),
      );
    }
    expect(match(['Matricule', 'eval_number', 'ayant_enfants'])).toEqual([
      'id_employee',
      'eval_number',
      'ayant_enfants',
    ]);
  });

  it.each([
    ["Niveau d'etudes", 'niveau_education'],
    ['  NIVEAU  D’ÉTUDES\u200b', 'niveau_education'],
    ['A\u0302ge', 'age'],
    ['Âge (ans)', 'age'],
    ['Age, years', 'age'],
    ['Revenu mensuel [€/mois]', 'revenu_mensuel'],
    ['Last raise %', 'augementation_salaire_precedente'],
    ['Revenu mensuel (k€)', ''],
    ['Revenu mensuel (€)', ''],
    ['Revenu annuel', ''],
    ['Last raise (€)', ''],
    ['Âge (mois)', ''],
    ['', ''],
    ['__proto__', ''],
  ])('named %j is %j', (name, field) => {
    expect(fieldOf(name)).toBe(field);
  });

  it('is not known by what two fields share', () => {
    const [age, ...others] = attrition.features;
    if (!age) throw new Error('the contract has no features');
    const contract: Contract = { ...attrition, features: [age, ...others.map((it) => ({ ...it, label: age.label }))] };
    expect(createColumnMatcher(contract)(['Âge', 'age', 'AGE'])).toEqual(['', 'age', '']);
  });

  it('is what a mapping says, if there is such a field', () => {
    const mapping = new Map([
      ['Intitulé', 'poste'],
      ['Site', 'no_such_field'],
    ]);
    expect(createColumnMatcher(attrition, mapping)(['Intitulé', 'Site', 'Age'])).toEqual(['poste', '', 'age']);
  });
});

describe('a header', () => {
  it('names two columns of the contract, or the only one', () => {
    const isHeader = createHeaderTest(attrition, match);
    expect(isHeader(['Age', 'x', 'GENRE'])).toBe(true);
    expect(isHeader(['Age', 'age', ''])).toBe(false);
    expect(isHeader(['Effectif', '', ''])).toBe(false);
    const single = { ...attrition, features: attrition.features.slice(0, 1) };
    expect(createHeaderTest(single, createColumnMatcher(single))(['Âge'])).toBe(true);
  });
});

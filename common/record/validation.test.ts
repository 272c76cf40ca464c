import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { toRecord } from './request-schema.ts';
import { createValidator } from './validation.ts';

const validate = createValidator(attrition);

/** The violations of a record, as "fields: rule". */
function refusals(record: unknown, validator = validate): string[] {
  const validation = validator(record);
  return validation.ok ? [] : validation.violations.map(({ fields, rule }) => `${fields.join('+')}: ${rule}`);
}

function accepted(record: unknown) {
  const validation = validate(record);
  if (!validation.ok) throw new Error(JSON.stringify(validation.violations));
  return { ...validation, record: toRecord(attrition, validation.values) };
}

describe('every feature', () => {
  it.each(attrition.features.map((feature) => [feature.name, feature] as const))('%s is required', (name) => {
    const record = exampleRecord();
    delete record[name];
    expect(refusals(record)).toContain(`${name}: required`);
  });

  const categorical = attrition.features.filter((feature) => feature.type === 'category');
  it.each(categorical.map((feature) => [feature.name, feature] as const))(
    '%s takes each of its categories and aliases, and nothing else',
    (name, { categories }) => {
      for (const { value, aliases } of categories) {
        for (const spelling of [value, ...aliases]) {
          expect(accepted({ ...exampleRecord(), [name]: spelling }).record[name]).toBe(value);
        }
      }
      for (const wrong of [`${categories[0]?.value}s`, '', 'Autres', 1, null, ['Oui']]) {
        expect(refusals({ ...exampleRecord(), [name]: wrong })).toEqual([`${name}: category`]);
      }
    },
  );

  it('that is an integer takes no number beside one, however near', () => {
    for (const wrong of [41.5, 41.000_000_000_000_01, 40.999_999_999_999_99])
      expect(refusals({ ...exampleRecord(), age: wrong })).toEqual(['age: type']);
  });

  const numeric = attrition.features.filter((feature) => 'accepted' in feature);
  it.each(numeric.map((feature) => [feature.name, feature] as const))(
    '%s keeps to what is accepted',
    (name, { accepted: range }) => {
      expect(refusals({ ...exampleRecord(), [name]: range.min - 1 })).toContain(`${name}: minimum`);
      expect(refusals({ ...exampleRecord(), [name]: range.max + 1 })).toContain(`${name}: maximum`);
      for (const wrong of ['12', '', true, null, [3], Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(refusals({ ...exampleRecord(), [name]: wrong })).toContain(`${name}: type`);
      }
      for (const bound of ['min', 'max'] as const) {
        const exclusive = bound === 'min' ? range.exclusiveMin : range.exclusiveMax;
        const found = refusals({ ...exampleRecord(), [name]: range[bound] });
        expect(found.includes(`${name}: ${bound}imum`)).toBe(exclusive);
      }
    },
  );
});

describe('what public versions of this system got wrong', () => {
  it('an enum that differs from the data by one letter', () => {
    for (const value of ['Aucun', 'Occasionnel', 'Frequent', 'Fréquent']) {
      expect(refusals({ ...exampleRecord(), frequence_deplacement: value })).toEqual([]);
    }
    expect(accepted({ ...exampleRecord(), frequence_deplacement: 'Fréquent' }).record['frequence_deplacement']).toBe(
      'Frequent',
    );
  });

  it('the raise as 11, 0.11 or "11 %"', () => {
    const raise = (value: unknown) => ({ ...exampleRecord(), augementation_salaire_precedente: value });
    for (const spelling of [11, '11 %', '11%', ' 11 %', '11,0 %']) {
      expect(accepted(raise(spelling)).record['augementation_salaire_precedente']).toBe(11);
    }
    expect(accepted(raise('11.5 %')).record['augementation_salaire_precedente']).toBe(11.5);
    expect(refusals(raise(0.11))).toEqual(['augementation_salaire_precedente: unit']);
    expect(refusals(raise('0.11 %'))).toEqual(['augementation_salaire_precedente: unit']);
    for (const fine of [0, 1]) expect(refusals(raise(fine))).toEqual([]);
    for (const wrong of ['11', 'onze %', '%', '1e1 %', '11 % 12 %']) {
      expect(refusals(raise(wrong))).toEqual(['augementation_salaire_precedente: type']);
    }
  });

  it('a derived feature, or the target, asked of the client', () => {
    const names = attrition.features.map(({ name }) => name);
    expect(names).not.toContain('a_quitte_l_entreprise');
    expect(refusals({ ...exampleRecord(), ratio_anciennete: 0.4 })).toEqual(['ratio_anciennete: unknown-field']);
  });

  it('the columns of the extracts that the model does not use are ignored', () => {
    const constants = { nombre_heures_travailless: 80, nombre_employee_sous_responsabilite: 1, ayant_enfants: 'Y' };
    expect(accepted({ ...exampleRecord(), ...constants }).record).toEqual(accepted(exampleRecord()).record);
  });
});

describe('the identifier', () => {
  it.each([
    [{ id_employee: 12 }, 12],
    [{ id_employee: '12' }, 12],
    [{ eval_number: 'E_12' }, 12],
    [{ code_sondage: '000012' }, 12],
    [{ id_employee: null }, null],
    [{}, null],
  ])('%o is %s', (fields, identifier) => {
    expect(accepted({ ...exampleRecord(), ...fields }).identifier).toBe(identifier);
  });

  it.each(['E_', 'F_12', '-3', '1.5', 0, -3, 1.5, '9'.repeat(20), {}])('%o is refused', (value) => {
    expect(refusals({ ...exampleRecord(), id_employee: value })).toEqual(['id_employee: type']);
  });

  it('is given once', () => {
    expect(refusals({ ...exampleRecord(), id_employee: 1, eval_number: 'E_1' })).toEqual(['id_employee: given-once']);
  });

  it.each([
    ['id_employee', 'eval_number'],
    ['eval_number', 'id_employee'],
  ])('has its spellings named in the order in which they were given: %s, %s', (first, second) => {
    const validation = validate({ ...exampleRecord(), [first]: 1, [second]: 1 });
    expect(validation.ok ? [] : validation.violations.map(({ message }) => message)).toEqual([
      {
        fr: `« ${first} » et « ${second} » désignent le même champ : n’en donner qu’un.`,
        en: `"${first}" and "${second}" are the same field: give only one of them.`,
      },
    ]);
  });
});

it('a record of absurdly many fields is refused as a whole', () => {
  const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`field_${i}`, i]));
  expect(refusals(wide)).toEqual([': maximum-fields']);
  const fieldsOf = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`field_${i}`, i]));
  expect(refusals(fieldsOf(2001))).toEqual([': maximum-fields']);
  expect(refusals(fieldsOf(2000))).not.toContain(': maximum-fields');
});

describe('a record in which more is wrong than can be named', () => {
  const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`field_${i}`, i]));
  const violationsOf = (record: unknown) => {
    const validation = validate(record);
    return validation.ok ? [] : validation.violations;
  };

  it('has the first hundred of a rule named, and the others counted', () => {
    const named = violationsOf({ ...exampleRecord(), ...unknown(100) });
    expect(named.map(({ fields }) => fields)).toEqual(Array.from({ length: 100 }, (_, i) => [`field_${i}`]));
    const violations = violationsOf({ ...exampleRecord(), ...unknown(1900) });
    expect(violations.slice(0, 100)).toEqual(named);
    expect(violations.slice(100)).toEqual([
      {
        fields: [],
        rule: 'unknown-field',
        message: {
          fr: 'Champs qui enfreignent aussi cette règle, sans être nommés : 1800.',
          en: 'Fields that break the same rule and are not named: 1800.',
        },
      },
    ]);
  });

  it('is told every other rule that it breaks', () => {
    const { poste: _, ...rest } = exampleRecord();
    const rules = violationsOf({ ...unknown(1900), ...rest, age: 'old', id_employee: -1 }).map(
      ({ fields, rule }) => `${fields.join('+')}: ${rule}`,
    );
    expect(rules).toEqual(expect.arrayContaining(['poste: required', 'age: type', 'id_employee: type']));
    expect(rules).toHaveLength(100 + 1 + 3);
  });
});

describe('a value that breaks several bounds at once', () => {
  it('is named once', () => {
    expect(refusals({ ...exampleRecord(), age: 2 ** 60 })).toEqual(['age: maximum']);
  });
});

describe('rules between fields', () => {
  const order = attrition.rules.filter((rule) => rule.type === 'at-most');
  it('are those of the domain', () => {
    expect(order.map(({ left, right, offset }) => [left, right, offset])).toEqual(
      expect.arrayContaining([
        ['annees_dans_le_poste_actuel', 'annees_dans_l_entreprise', 0],
        ['annees_depuis_la_derniere_promotion', 'annees_dans_l_entreprise', 0],
        ['annes_sous_responsable_actuel', 'annees_dans_l_entreprise', 0],
        ['annees_dans_l_entreprise', 'annee_experience_totale', 0],
        ['annee_experience_totale', 'age', -18],
      ]),
    );
  });

  it.each(order.map((rule) => [rule.id, rule] as const))(
    '%s names both fields, also when another field is wrong',
    (id, { left, right, offset }) => {
      const record = { ...exampleRecord(), [left]: Number(exampleRecord()[right]) + offset + 1 };
      expect(refusals(record)).toContain(`${left}+${right}: ${id}`);
      expect(refusals({ ...record, genre: 'X', niveau_education: 2.5, extra: 1 })).toEqual(
        expect.arrayContaining([
          `${left}+${right}: ${id}`,
          'genre: category',
          'niveau_education: type',
          'extra: unknown-field',
        ]),
      );
      const equal = { ...exampleRecord(), [left]: Number(exampleRecord()[right]) + offset };
      expect(refusals(equal)).not.toContain(`${left}+${right}: ${id}`);
    },
  );

  it('say nothing of a field that is itself wrong', () => {
    expect(refusals({ ...exampleRecord(), age: 'old' })).toEqual(['age: type']);
  });
});

describe('warnings', () => {
  it('are given just outside the range that training covers, not at its edge', () => {
    const codes = (age: number) =>
      accepted({ ...exampleRecord(), age }).warnings.map(({ fields, code }) => `${fields}: ${code}`);
    expect(codes(60)).toEqual([]);
    expect(codes(61)).toEqual(['age: outside-training-range']);
  });
});

describe('another contract', () => {
  const withFeatures = (change: (features: Contract['features']) => Contract['features']) =>
    createValidator({ ...attrition, features: change(attrition.features), rules: [] });

  it('with a column less refuses it as unknown', () => {
    const fewer = withFeatures((features) => features.filter(({ name }) => name !== 'genre'));
    expect(refusals(exampleRecord(), fewer)).toEqual(['genre: unknown-field']);
    const { genre, ...rest } = exampleRecord();
    expect(refusals(rest, fewer)).toEqual([]);
  });

  it('with a column more requires it', () => {
    const more = withFeatures((features) => [
      ...features,
      { ...(features[0] ?? fail()), name: 'shoe_size', aliases: [] },
    ]);
    expect(refusals(exampleRecord(), more)).toEqual(['shoe_size: required']);
    expect(refusals({ ...exampleRecord(), shoe_size: 42 }, more)).toEqual([]);
  });
});

function fail(): never {
  throw new Error('the contract has no features');
}

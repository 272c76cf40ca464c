import { describe, expect, it } from 'vitest';
import { attrition, exampleRecord } from '../../common/test/contracts.ts';
import { describeInput, describeWarnings } from './describe-input.ts';
import { fromSearch, isFiltered, NO_FILTER, readFilter, toSearch } from './filter.ts';

/** When a day begins where the test runs. */
const startOf = (year: number, month: number, day: number) => new Date(year, month, day).toISOString();

describe('readFilter', () => {
  it('is in the address as it is in the form', () => {
    const filter = { ...NO_FILTER, from: '2026-02-01', risk: 'high', identifier: 'E_12', outcome: 'unknown' };
    expect(toSearch(filter)).toBe('from=2026-02-01&risk=high&identifier=E_12&outcome=unknown');
    expect(fromSearch(toSearch(filter))).toEqual(filter);
    expect(readFilter({ ...NO_FILTER, sort: 'probability' })).toEqual({ ok: true, query: { sort: 'probability' } });
    expect(fromSearch('colour=red&risk=a%26b')).toEqual({ ...NO_FILTER, risk: 'a&b' });
    expect(readFilter(filter, ['E_'])).toMatchObject({ ok: true, query: { identifier: 12, outcome: 'unknown' } });
  });

  it('asks for nothing where the form is empty', () => {
    expect(readFilter(NO_FILTER)).toEqual({ ok: true, query: {} });
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(isFiltered({ ...NO_FILTER, risk: 'high' })).toBe(true);
    expect(isFiltered({ ...NO_FILTER, sort: 'probability' })).toBe(false);
  });

  it('asks for the last day, too, which the API would leave out', () => {
    const filter = { ...NO_FILTER, from: '2026-02-01', to: '2026-02-28', risk: 'high', identifier: ' 12 ' };
    expect(readFilter(filter)).toEqual({
      ok: true,
      query: { from: startOf(2026, 1, 1), to: startOf(2026, 2, 1), risk: 'high', identifier: 12 },
    });
    expect(readFilter({ ...filter, to: '2026-02-01' })).toMatchObject({
      ok: true,
      query: { to: startOf(2026, 1, 2) },
    });
  });

  it.each(['E_12', '12.0', '000012'])('takes the identifier %j as a file spells it', (identifier) => {
    expect(readFilter({ ...NO_FILTER, identifier }, ['E_'])).toEqual({ ok: true, query: { identifier: 12 } });
  });

  it.each([
    { version: '1.2', fields: ['version'] },
    { identifier: 'E_1', fields: ['identifier'] },
    { from: '2026-02-02', to: '2026-02-01', fields: ['from', 'to'] },
    { to: 'yesterday', fields: ['to'] },
    { from: 'on 2026-02-01', fields: ['from'] },
  ])('says what the API would refuse: %o', ({ fields, ...texts }) => {
    expect(readFilter({ ...NO_FILTER, ...texts })).toMatchObject({
      ok: false,
      violations: [{ fields, message: { fr: expect.any(String), en: expect.any(String) } }],
    });
  });
});

describe('describeInput', () => {
  it('has every field once, in the words of the contract', () => {
    const groups = describeInput(
      { ...attrition.examples[0]?.input, statut_marital: 'Divorcé(e)', revenu_mensuel: 9200 },
      attrition,
      'en',
    );
    expect(groups.map(({ label }) => label)).toEqual(attrition.groups.map(({ label }) => label.en));
    const values = groups.flatMap((group) => group.values);
    expect(values.map(({ name }) => name).toSorted()).toEqual(attrition.features.map(({ name }) => name).toSorted());
    expect(values.find(({ name }) => name === 'statut_marital')?.value).toBe('Divorced');
    expect(values.find(({ name }) => name === 'revenu_mensuel')?.value).toMatch(/^9,200\u00a0EUR/);
  });

  it('shows what another version of the model asked for by its name', () => {
    expect(describeInput({ age: 41, shoe_size: 44 }, attrition, 'fr')).toEqual([
      { id: 'sirh', label: 'Dossier RH', values: [{ name: 'age', label: 'Âge', value: '41\u00a0ans' }] },
      { id: '', label: null, values: [{ name: 'shoe_size', label: 'shoe_size', value: '44' }] },
    ]);
  });
});

describe('describeWarnings', () => {
  const input = { ...attrition.examples[0]?.input, age: 65 };
  const warnings = [{ fields: ['age'], code: 'outside-training-range', detail: '65 is outside.' }];
  const model = { name: attrition.name, version: attrition.version, sha256: '', contractSha256: null };

  it('speaks the language of the page where the model is the one that serves', () => {
    expect(exampleRecord()['age']).not.toBe(65);
    expect(describeWarnings({ input, warnings, model }, attrition, 'fr')).toEqual([
      { fields: ['Âge'], text: '65 est hors de la plage que couvre l’entraînement (18 à 60).' },
    ]);
  });

  it('says what was recorded of another version', () => {
    const older = { ...model, version: '0.9.0' };
    expect(describeWarnings({ input, warnings, model: older }, attrition, 'fr')).toEqual([
      { fields: ['Âge'], text: '65 is outside.' },
    ]);
  });
});

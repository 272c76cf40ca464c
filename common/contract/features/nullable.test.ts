import { describe, expect, it } from 'vitest';
import { createMatrixLayout } from '../../record/tensors.ts';
import { createValidator } from '../../record/validation.ts';
import { createCheckedCellReader } from '../../tables/cells.ts';
import { attrition, exampleRecord } from '../../test/contracts.ts';
import type { Contract } from '../contract.ts';
import { Feature, featureKind } from './features.ts';

const feature = (description: object) => Feature.parse({ label: { en: 'x' }, group: 'g', ...description });

const income = feature({
  name: 'income',
  type: 'number',
  accepted: {},
  seen: { min: 0, max: 9 },
  missing: { graph: 'nan' },
});
const children = feature({
  name: 'children',
  type: 'integer',
  accepted: { min: 0, max: 20 },
  seen: { min: 0, max: 6 },
  missing: { graph: { token: -1 }, absent: 'missing' },
});
const town = feature({
  name: 'town',
  type: 'category',
  categories: [
    { value: 'Lyon', label: { en: 'Lyon' } },
    { value: 'NA', label: { en: 'Namibia' } },
  ],
  unknown: 'warn',
  missing: { graph: { token: '' } },
});
const owner = feature({
  name: 'owner',
  type: 'boolean',
  values: { true: { label: { en: 'yes' } }, false: { label: { en: 'no' } } },
  missing: { graph: 'nan' },
});

const contract: Contract = {
  ...attrition,
  features: [income, children, town, owner],
  rules: [],
  graph: {
    ...attrition.graph,
    inputs: [
      { name: 'floats', type: 'float32', features: ['income', 'owner'] },
      { name: 'doubles', type: 'float64', features: ['income'] },
      { name: 'integers', type: 'int64', features: ['children'] },
      { name: 'shorts', type: 'int32', features: ['children'] },
      { name: 'texts', type: 'string', features: ['town'] },
    ],
  },
};
const validate = createValidator(contract);
const toMatrices = createMatrixLayout(contract);

/** The cells of the graph's inputs for one record. */
function cellsOf(record: object) {
  const validation = validate(record);
  if (!validation.ok) throw new Error(JSON.stringify(validation.violations));
  return toMatrices([validation.values]).flatMap(({ data }) => [...data]);
}

describe('a missing value', () => {
  it('is null, and enters the graph as NaN or as its token, never as 0', () => {
    const record = { income: null, children: null, town: null, owner: null };
    expect(validate(record)).toEqual({ ok: true, values: [null, null, null, null], identifier: null, warnings: [] });
    expect(cellsOf(record)).toEqual([Number.NaN, Number.NaN, Number.NaN, -1n, -1, '']);
    expect(cellsOf({ income: 0, children: 0, town: 'Lyon', owner: false })).toEqual([0, 0, 0, 0n, 0, 'Lyon']);
  });

  it('is a field that is left out, where the contract says so', () => {
    expect(validate({ income: 1, town: 'Lyon', owner: true })).toMatchObject({ values: [1, null, 'Lyon', true] });
    expect(validate({ children: 1, town: 'Lyon', owner: true })).toMatchObject({
      violations: [{ fields: ['income'], rule: 'required' }],
    });
  });

  it('is refused by name where the contract allows none', () => {
    const validation = createValidator(attrition)({ ...exampleRecord(), age: null, genre: null });
    expect(validation).toMatchObject({
      ok: false,
      violations: [
        { fields: ['age'], message: { en: 'May not be missing (null). Must be an integer.' } },
        { fields: ['genre'], message: { en: 'May not be missing (null). Must be one of: F, M. Received: null.' } },
      ],
    });
  });

  it.each([
    ['blank cells', ['', ' ', '\u00a0', '']],
    ["pandas' words", ['NaN', '<NA>', 'None', 'null']],
    ['those of Excel and R', ['#N/A', 'NA', 'N/A', 'n/a']],
  ])('stands in a file as %s', (_what, cells) => {
    const reading = createCheckedCellReader(contract, validate)(['income', 'children', 'town', 'owner'], ';');
    if (!reading.ok) throw new Error('the header is taken');
    expect(reading.read(cells)).toMatchObject({ ok: true, values: [null, null, null, null] });
    expect(reading.readUnquoted?.(cells.join(';'), ';') ?? reading.read(cells)).toEqual(reading.read(cells));
  });

  it('is not a category of the same spelling', () => {
    const reading = createCheckedCellReader(contract, validate)(['income', 'children', 'town', 'owner']);
    if (!reading.ok) throw new Error('the header is taken');
    for (const validation of [reading.read(['1', '2', 'NA', 'true']), reading.readUnquoted?.('1,2,NA,true', ',')])
      expect(validation).toMatchObject({ ok: true, values: [1, 2, 'NA', true], warnings: [] });
  });

  it('is no text of JSON', () => {
    expect(validate({ income: 'NaN', children: '', town: 'x', owner: null })).toMatchObject({
      violations: [{ fields: ['income'] }, { fields: ['children'] }],
    });
  });

  it.each([
    [
      'a token that is a value',
      { ...children, missing: { graph: { token: 3 }, absent: 'refused' } },
      'as a value, too',
    ],
    [
      'a token that is a category',
      { ...town, unknown: 'refuse', missing: { graph: { token: 'Lyon' } } },
      'as a value, too',
    ],
  ])('cannot have %s', (_what, description, defect) => {
    expect(featureKind(Feature.parse(description)).defects().join()).toContain(defect);
  });

  it('cannot be NaN in a column of integers, nor a word in one of numbers', () => {
    const kind = featureKind(income);
    expect(kind.columnDefect('float32')).toBeNull();
    expect(featureKind(feature({ ...children, missing: { graph: 'nan' } })).columnDefect('int64')).toContain(
      'int64 cannot hold',
    );
    expect(
      featureKind(feature({ ...income, missing: { graph: { token: 'none' } } })).columnDefect('float32'),
    ).toContain('cannot hold');
    expect(featureKind(feature({ ...town, missing: { graph: 'nan' } })).columnDefect('string')).toContain(
      'cannot hold',
    );
  });
});

describe('a text that training has not seen', () => {
  it('is predicted as it is, with a warning, where the contract says so', () => {
    const validation = validate({ income: 1, town: ' Nice ', owner: true });
    expect(validation).toMatchObject({
      ok: true,
      values: [1, null, 'Nice', true],
      warnings: [{ code: 'unknown-category', fields: ['town'], message: { en: '"Nice" does not occur in training.' } }],
    });
  });

  it.each([[''], [' '], ['x'.repeat(201)], [3]])('is refused: %j', (value) => {
    expect(validate({ income: 1, town: value, owner: true })).toMatchObject({
      violations: [{ fields: ['town'], rule: 'type' }],
    });
  });
});

describe('a message about a category of many', () => {
  const zip = feature({
    name: 'zip',
    type: 'category',
    categories: Array.from({ length: 500 }, (_, i) => ({ value: `zip ${i + 100}`, label: { en: 'z' } })),
  });

  it('names twenty of them, and the nearest', () => {
    const many = createValidator({ ...contract, features: [zip] });
    const validation = many({ zip: 'ZIP432' });
    const [violation] = validation.ok ? [] : validation.violations;
    expect(violation?.message.en).toContain(
      ', zip 119 and 480 others. The nearest one: "zip 432". Received: "ZIP432".',
    );
    expect(violation?.message.fr).toContain('et 480 autres. La plus proche : « zip 432 ».');
  });

  it('names no nearest one for something else', () => {
    const validation = createValidator({ ...contract, features: [zip] })({ zip: 'Marseille' });
    expect(JSON.stringify(validation)).not.toContain('nearest');
  });
});

describe('a range without an end', () => {
  it('takes every number that float32 holds, and no other', () => {
    const read = (value: unknown) => validate({ income: value, town: 'Lyon', owner: true }).ok;
    expect([-1e30, 0, 3.4e38].map(read)).toEqual([true, true, true]);
    expect([1e39, -1e39, Number.NaN, Number.POSITIVE_INFINITY].map(read)).toEqual([false, false, false, false]);
    expect(featureKind(income).openApi().schema).toEqual({ type: ['number', 'null'] });
  });
});

describe('the name of a field', () => {
  it.each(['mean radius', 'SiteEnergyUse(kBtu)', 'État', '1stFlrSF', 'GFA_Prison/Incarceration', 'a%"<b>'])(
    'may be %s',
    (name) => {
      const named: Contract = { ...contract, features: [{ ...income, name }] };
      expect(createValidator(named)({ [name]: 2 })).toMatchObject({ ok: true, values: [2] });
    },
  );

  it.each(['', ' x', 'x ', '__proto__', 'a\u0000b', 'E\u0301tat', 'x'.repeat(201)])('may not be %j', (name) => {
    expect(Feature.safeParse({ ...income, name }).success).toBe(false);
  });
});

it('words without French are read in English', () => {
  expect(income.label).toEqual({ fr: 'x', en: 'x' });
});

import { describe, expect, it } from 'vitest';
import { toRecord } from '../record/request-schema.ts';
import { createValidator } from '../record/validation.ts';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { createCellReader } from './cells.ts';
import { createCsvRecordReader } from './csv-records.ts';

const readHeader = createCellReader(attrition);
const validate = createValidator(attrition);
const features = attrition.features.map(({ name }) => name);

/** The violations of a header, as "fields: rule". */
function refusals(names: readonly string[]): string[] {
  const reading = readHeader(names);
  return reading.ok ? [] : reading.violations.map(({ fields, rule }) => `${fields.join('+')}: ${rule}`);
}

/** The example's record, with these cells for its own, as a row of text is read. */
function recordOf(cells: Record<string, string>): Record<string, unknown> {
  const row = { ...Object.fromEntries(Object.entries(exampleRecord()).map(([k, v]) => [k, String(v)])), ...cells };
  const reading = readHeader(Object.keys(row));
  if (!reading.ok) throw new Error(JSON.stringify(reading.violations));
  return reading.read(Object.values(row));
}

describe('a header', () => {
  it('may hold the features in any order, the identifier, aliases and ignored columns', () => {
    expect(refusals(features)).toEqual([]);
    expect(refusals([...features.toReversed(), 'ayant_enfants', 'code_sondage', 'a_quitte_l_entreprise'])).toEqual([]);
    expect(refusals(features.with(features.indexOf('heure_supplementaires'), 'heures_supplementaires'))).toEqual([]);
  });

  it('is refused with everything that is missing, unknown or given twice', () => {
    const names = ['shoe_size', ...features.filter((name) => name !== 'age' && name !== 'genre'), '__proto__'];
    expect(refusals([...names, 'heures_supplementaires', 'eval_number', 'id_employee']).toSorted()).toEqual([
      '__proto__: unknown-field',
      'age: required',
      'genre: required',
      'heure_supplementaires: given-once',
      'id_employee: given-once',
      'shoe_size: unknown-field',
    ]);
  });
});

describe('a cell', () => {
  it.each([
    ['41', 41],
    [' 41 ', 41],
    ['11.5', 11.5],
    ['11,5', 11.5],
    ['-3', -3],
    ['+3', 3],
    ['0,125', 0.125],
    ['1234,567', 1234.567],
    ['5.993', 5.993],
    ['5,993', '5,993'],
    ['-5,993', '-5,993'],
    ['1,234,567', 1_234_567],
    ['9.200,50', 9200.5],
    ['1 234', 1234],
    ['1\u202f234', 1234],
    ["9'200", 9200],
    ['12 34', '12 34'],
    ['11 %', '11 %'],
    ['1e3', '1e3'],
    ['0x10', '0x10'],
    ['Infinity', 'Infinity'],
    ['old', 'old'],
  ])('%j of a number is %j', (text, value) => {
    expect(recordOf({ revenu_mensuel: text })['revenu_mensuel']).toBe(value);
  });

  it.each([
    ['Oui', 'Oui'],
    ['TRUE', true],
    ['faux', false],
    ['VRAI', true],
    ['yes', 'yes'],
  ])('%j of a category with boolean aliases is %j', (text, value) => {
    expect(recordOf({ heure_supplementaires: text })['heure_supplementaires']).toBe(value);
  });

  it.each(['TRUE', ' F ', '1'])('%j of another category is kept', (text) => {
    expect(recordOf({ genre: text })['genre']).toBe(text);
  });

  it('is text where a category is spelled so, in spite of boolean aliases', () => {
    const contract = structuredClone(attrition);
    const overtime = contract.features.find(({ name }) => name === 'heure_supplementaires');
    if (overtime?.type !== 'category') throw new Error('the contract has no such category');
    overtime.categories.push({ value: 'VRAI', label: { fr: 'Vrai', en: 'True' }, aliases: [] });
    const reading = createCellReader(contract)(features);
    const cells = features.map((name) => (name === overtime.name ? 'VRAI' : ''));
    expect(reading.ok && reading.read(cells)).toEqual({ [overtime.name]: 'VRAI' });
  });

  it('of the identifier is text, and none of an ignored column is kept', () => {
    const record = recordOf({ code_sondage: '000012', ayant_enfants: 'Y' });
    expect(record['code_sondage']).toBe('000012');
    expect(record).not.toHaveProperty('ayant_enfants');
  });

  it.each(['', '  '])('%j is a field that is not given', (blank) => {
    expect(recordOf({ age: blank })).not.toHaveProperty('age');
  });
});

describe('a row', () => {
  it('of the examples is accepted as they are', () => {
    for (const { input } of attrition.examples) {
      const cells = Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)]));
      expect(validate(recordOf(cells))).toEqual(validate(input));
      expect(validate(recordOf(cells)).ok).toBe(true);
    }
  });

  it('as a French spreadsheet writes it is accepted', () => {
    const validation = validate(
      recordOf({ id_employee: 'E_12', revenu_mensuel: '5000,5', augementation_salaire_precedente: '11 %' }),
    );
    expect(validation).toMatchObject({ ok: true, identifier: 12 });
    expect(toRecord(attrition, validation.ok ? validation.values : [])).toMatchObject({
      revenu_mensuel: 5000.5,
      augementation_salaire_precedente: 11,
    });
  });

  it('is refused by the validator in its own words', () => {
    const validation = validate(recordOf({ age: '', revenu_mensuel: '5,993', genre: 'X', id_employee: 'F_1' }));
    expect(
      validation.ok ? [] : validation.violations.map(({ fields, rule }) => `${fields}: ${rule}`).toSorted(),
    ).toEqual(['age: required', 'genre: category', 'id_employee: type', 'revenu_mensuel: type']);
  });
});

describe('a CSV file', () => {
  function read(...chunks: string[]) {
    const reader = createCsvRecordReader(readHeader);
    return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  }
  const header = features.join(';');
  const row = features.map((name) => exampleRecord()[name]).join(';');

  it('gives the record of every row, at its line', () => {
    expect(read(`${header}\r\n`, `${row}\r\n\r\n1;2\r\n${row}`)).toMatchObject([
      { line: 2, value: exampleRecord() },
      { line: 4, violations: [{ rule: 'cell-count' }] },
      { line: 5, value: exampleRecord() },
    ]);
  });

  it('is refused at once for its header, whatever follows', () => {
    const rows = read(`${header};shoe_size\n${row};42\n`, `${row}\n`, `"${row}`);
    expect(rows).toMatchObject([
      { line: 1, fatal: true, violations: [{ fields: ['shoe_size'], rule: 'unknown-field' }] },
    ]);
    expect(read(`${header};shoe_size\n"${row}`)).toHaveLength(1);
    expect(read('')).toMatchObject([{ line: 1, fatal: true, violations: [{ rule: 'header' }] }]);
  });

  it('ends at a broken quote', () => {
    expect(read(`${header}\n${row}\n"${row}\n${row}\n`)).toMatchObject([
      { line: 2, value: exampleRecord() },
      { line: 3, fatal: true, violations: [{ rule: 'quote' }] },
    ]);
  });
});

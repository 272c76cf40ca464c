import { describe, expect, it } from 'vitest';
import { createValidator } from '../record/validation.ts';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { createCellReader, createCheckedCellReader } from './cells.ts';
import { createCsvRecordReader } from './csv-records.ts';

/** What a number in a CSV file is read as, row by row: the same whether the rows are quoted, and however they are checked. */

const NAMES = attrition.features.map(({ name }) => name);
const SEPARATORS = [',', ';', '\t'];

/** The published contract, with a suffix for revenues. */
const withSuffix = {
  ...attrition,
  features: attrition.features.map((it) => (it.name === 'revenu_mensuel' ? { ...it, suffix: '€' } : it)),
};

/** A CSV file with these revenues, and the whole record otherwise. Quotes cells that hold the separator, or all of them. */
function fileOf(separator: string, revenues: readonly string[], quotesAll: boolean): string {
  const rows = revenues.map((revenu_mensuel) => {
    const cells: Record<string, unknown> = { ...exampleRecord(), revenu_mensuel };
    return NAMES.map((name) => String(cells[name]));
  });
  const quote = (cell: string) => (quotesAll || cell.includes(separator) ? `"${cell}"` : cell);
  return [NAMES, ...rows].map((cells) => `${cells.map(quote).join(separator)}\n`).join('');
}

/** The revenues that are read from such a file; or the message of a row that is refused. */
function readRevenues(separator: string, revenues: readonly string[], contract = attrition, quotesAll = false) {
  const validate = createValidator(contract);
  const at = NAMES.indexOf('revenu_mensuel');
  const reader = createCsvRecordReader(createCheckedCellReader(contract, validate));
  const text = fileOf(separator, revenues, quotesAll);
  const checked = [...reader.push(text), ...reader.end()].map((row) => {
    if ('violations' in row) throw new Error('the file was refused');
    return row.value.ok ? row.value.values[at] : row.value.violations.map(({ message }) => message.en).join(' ');
  });
  const plain = createCsvRecordReader(createCellReader(contract, validate));
  const records = [...plain.push(text), ...plain.end()].map((row) => {
    const validation = validate('value' in row ? row.value : null);
    return validation.ok ? validation.values[at] : validation.violations.map(({ message }) => message.en).join(' ');
  });
  expect(records).toEqual(checked);
  return checked;
}

const either = (text: string, whole: string, decimal: string) =>
  `Must be a number: "${text}" may be ${whole} or ${decimal}. Write one of them.`;

describe.each([false, true])('a number in a file whose cells are all quoted: %j', (quotesAll) => {
  const read = (separator: string, ...revenues: string[]) => readRevenues(separator, revenues, attrition, quotesAll);

  it('has a decimal comma where semicolons separate', () => {
    expect(read(';', '15,125', '9.200', '9.200,50', '9.200', '15.125')).toEqual([
      ...[15.125, either('9.200', '9200', '9.2'), 9200.5, 9200, 15_125],
    ]);
  });

  it('has a decimal point there, once its column has one', () => {
    expect(read(';', '9.200', '11.5', '9.200', '15,125')).toEqual([
      ...[either('9.200', '9200', '9.2'), 11.5, 9.2, either('15,125', '15125', '15.1250')],
    ]);
  });

  it('has a decimal point where commas separate', () => {
    expect(read(',', '9.200', '11,5', '15,125', '9.200', '11.25')).toEqual([
      ...[9.2, 11.5, either('15,125', '15125', '15.1250'), either('9.200', '9200', '9.2'), 11.25],
    ]);
  });

  it('is as its column where tabs separate', () => {
    expect(read('\t', '9.200', '11.5', '9.200', '9,200')).toEqual([
      ...[either('9.200', '9200', '9.2'), 11.5, 9.2, 9200],
    ]);
    expect(read('\t', '9,200', '11,5', '9.200', '9,200')).toEqual([
      ...[either('9,200', '9200', '9.2'), 11.5, 9200, 9.2],
    ]);
  });

  it('is its only meaning, whatever separates', () => {
    const texts = ["9'200", '9 200', '9\u00a0200', '9\u202f200,5', '9.200,50', '9,200.50', '9200', '0,125', '1e+03'];
    for (const separator of SEPARATORS)
      expect(read(separator, ...texts)).toEqual([9200, 9200, 9200, 9200.5, 9200.5, 9200.5, 9200, 0.125, 1000]);
  });
});

describe('a number with a suffix', () => {
  it.each(SEPARATORS)('is read as one without it, where %j separates', (separator) => {
    for (const revenues of [
      ['9.200', '15,125', '11,5', '9.200', '15,125'],
      ['9.200', '15,125', '11.5', '9.200', '15,125'],
      ['9.200,50', '9.200', '15,125', '1 234,5', '1234'],
    ]) {
      const bare = readRevenues(separator, revenues, withSuffix).map((it) => String(it).replace(/"(.*)"/, '$1'));
      for (const suffix of ['€', ' €', '\u00a0€\u00a0']) {
        const suffixed = readRevenues(
          separator,
          revenues.map((it) => it + suffix),
          withSuffix,
        );
        expect(suffixed.map((it) => String(it).replace(/"([\d.,]*)[^"]*"/, '$1'))).toEqual(bare);
      }
    }
  });

  it.each([
    ['1,500 %', '1500 or 1.5'],
    ['15,125 %', '15125 or 15.1250'],
    ['11.500%', '11500 or 11.5'],
  ])('in JSON is refused where it has two meanings: %j', (text, readings) => {
    const validation = createValidator(attrition)({ ...exampleRecord(), augementation_salaire_precedente: text });
    expect(validation).toMatchObject({
      ok: false,
      violations: [
        {
          fields: ['augementation_salaire_precedente'],
          rule: 'type',
          message: { en: `Must be a number: "${text}" may be ${readings}. Write one of them.` },
        },
      ],
    });
  });

  it.each([
    ['9,200 €', null],
    ['1,234€', null],
    ['9.200 €', null],
    ['9.200,50 €', 9200.5],
    ['9 200 €', 9200],
    ["9'200.5€", 9200.5],
    ['11,5 €', 11.5],
    ['9200 €', 9200],
  ])('in JSON is never a thousandth of itself: %j', (text, expected) => {
    const validation = createValidator(withSuffix)({ ...exampleRecord(), revenu_mensuel: text });
    expect(validation.ok ? validation.values[NAMES.indexOf('revenu_mensuel')] : null).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { createNumberColumn, readNumber, readTyped, spellNumber } from './read-number.ts';

describe('a text with one meaning', () => {
  it.each([
    ['41', 41],
    [' 41\u00a0', 41],
    ['\u200b41\ufeff', 41],
    ['+3', 3],
    ['-3', -3],
    ['11.5', 11.5],
    ['11,5', 11.5],
    ['0,125', 0.125],
    ['0.125', 0.125],
    ['00.125', 0.125],
    ['1234,567', 1234.567],
    ['15,1250', 15.125],
    ['9.200,50', 9200.5],
    ['9,200.50', 9200.5],
    ['1.234,567', 1234.567],
    ['1.234.567', 1_234_567],
    ['1,234,567', 1_234_567],
    ['-1.234.567,8', -1_234_567.8],
    ['9 200', 9200],
    ['9\u00a0200', 9200],
    ['9\u202f200,5', 9200.5],
    ['9\u2009200.125', 9200.125],
    ["9'200", 9200],
    ['12\u2019345\u2019678.9', 12_345_678.9],
    ['1e-05', 1e-5],
    ['1.5e-7', 1.5e-7],
    ['1,234e+05', 123_400],
  ])('%j is %j', (text, number) => {
    expect(readNumber(text)).toBe(number);
    expect(readTyped(text)).toBe(number);
  });
});

it.each([
  ['9.200', 9200, 9.2],
  ['15,125', 15_125, 15.125],
  ['-1,234', -1234, -1.234],
  ['+999.999', 999_999, 999.999],
])('%j is %j or %j', (text, whole, decimal) => {
  expect(readNumber(text)).toEqual({ whole, decimal });
  expect(readTyped(text)).toBe(text);
});

it.each([
  ...[
    '',
    ' ',
    '-',
    'old',
    'NaN',
    'Infinity',
    '0x10',
    '1e3',
    '4,5E+01',
    '1_000',
    '.5',
    '5.',
    '1..5',
    '1,2,3',
    '12.34,5',
  ],
  ...[
    '1,23,456',
    '0.123,5',
    '01 234',
    '1 23',
    '12 3456',
    '1 234 56',
    '1 234\u00a0567',
    '1.234.56',
    '1\n234',
    '٣',
    '３',
  ],
  ...['9200 €', '1.234.567.8', `${'9'.repeat(400)}`, '1e+400'],
])('%j is no number', (text) => {
  expect(readNumber(text)).toBeNull();
  expect(readTyped(text)).toBe(text);
});

it.each([5.993, 15.125, -1.234, 9.2, 0.125, 1000.125, 0, 9200, 1e-7, 1.5e21, 0.1 + 0.2])(
  '%j is spelled so that it is read as itself',
  (number) => {
    for (const sign of ['.', ','] as const) expect(readTyped(spellNumber(number, sign))).toBe(number);
  },
);

/** What a column reads, from its first row to its last: "?" where there are two meanings. */
function readAll(delimiter: string, ...texts: string[]) {
  const column = createNumberColumn(delimiter);
  return texts.map((text) => column.read(text)).map((it) => (typeof it === 'object' && it ? '?' : it));
}

describe('a column of a semicolon file', () => {
  it('has decimal commas', () => {
    expect(readAll(';', '15,125', '9.200', '-1,234', '1.234,5')).toEqual([15.125, '?', -1.234, 1234.5]);
  });

  it.each([['11,5'], ['9.200,50'], ['1.234.567'], ['9 200,5'], ['1,5e-7']])('has thousands points after %s', (text) => {
    expect(readAll(';', '9.200', text, '9.200', '15,125')).toMatchObject(['?', expect.any(Number), 9200, 15.125]);
  });

  it.each([['11.5'], ['9,200.50'], ['1,234,567'], ["9'200.5"]])('has decimal points after %s', (text) => {
    expect(readAll(';', '9.200', text, '9.200', '15,125')).toMatchObject(['?', expect.any(Number), 9.2, '?']);
  });

  it('says nothing more once its rows contradict each other', () => {
    expect(readAll(';', '11.5', '11,5', '11.5', '9.200', '15,125')).toEqual([11.5, 11.5, 11.5, '?', '?']);
  });

  it.each(['9200', '9 200', '15,125', '0', 'old', ''])('learns nothing from %j', (text) => {
    expect(readAll(';', text, '9.200').at(-1)).toBe('?');
  });
});

describe('a column of a tab-separated file', () => {
  it('says how it is written itself', () => {
    expect(readAll('\t', '15,125', '9.200')).toEqual(['?', '?']);
    expect(readAll('\t', '11,5', '15,125', '9.200')).toEqual([11.5, 15.125, 9200]);
    expect(readAll('\t', '9,200.50', '15,125', '9.200')).toEqual([9200.5, 15_125, 9.2]);
  });
});

describe('a column of a comma-separated file', () => {
  it('has decimal points, and no sure commas', () => {
    expect(readAll(',', '9.200', '15,125', '11.5', '15,125', '1,234.50', '15,125')).toEqual([
      ...[9.2, '?', 11.5, '?', 1234.5, '?'],
    ]);
  });

  it.each(['9.200,50', '11,5'])('has no sure points after %s', (text) => {
    expect(readAll(',', text, '9.200', '15,125', '11.5').slice(1)).toEqual(['?', '?', 11.5]);
  });
});

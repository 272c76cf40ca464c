import { describe, expect, it } from 'vitest';
import { createCsvReader } from './csv-reader.ts';
import { type CsvValue, createCsvWriter } from './csv-writer.ts';

/** What a cell becomes, as the one column of a file. */
const written = (value: CsvValue) => createCsvWriter(['a']).line({ a: value });

describe('a CSV writer', () => {
  it('orders the cells as the header, whatever else a record holds or lacks', () => {
    const { header, line } = createCsvWriter(['id', 'risk', 'toString']);
    expect(header).toBe('id,risk,toString\r\n');
    expect(line({ extra: 1, risk: 'low', id: 7 })).toBe('7,low,\r\n');
  });

  it.each([
    [null, ''],
    ['', ''],
    [1.5, '1.5'],
    [-3, '-3'],
    [1e-7, '1e-7'],
    [true, 'true'],
    ['é x', 'é x'],
    ['1,5', '"1,5"'],
    ['a;b', '"a;b"'],
    ['say "hi"', '"say ""hi"""'],
    ['a\nb', '"a\nb"'],
    ['a\tb', '"a\tb"'],
  ])('writes %j as %j', (value, cell) => {
    expect(written(value)).toBe(`${cell}\r\n`);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
    ['=HYPERLINK("x";"y")', '"\'=HYPERLINK(""x"";""y"")"'],
    ['a=1', 'a=1'],
  ])('keeps a spreadsheet from running %j', (text, cell) => {
    expect(written(text)).toBe(`${cell}\r\n`);
    expect(createCsvWriter([text]).header).toBe(`${cell}\r\n`);
  });

  it('writes what the reader reads', () => {
    const cells = ['a', '"', ',\r\n', ' x ', ';', '12'];
    const names = cells.map((_, i) => `c${i}`);
    const { header, line } = createCsvWriter(names);
    const reader = createCsvReader();
    const text = header + line(Object.fromEntries(cells.map((cell, i) => [`c${i}`, cell])));
    expect([...reader.push(text), ...reader.end()]).toEqual([
      { line: 1, names },
      { line: 2, cells },
    ]);
  });
});

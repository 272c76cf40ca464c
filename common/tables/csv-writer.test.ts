import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_FORMATS } from '../api/batch-format.ts';
import { outputKind } from '../contract/outputs/outputs.ts';
import { attrition } from '../test/contracts.ts';
import { createCsvReader } from './csv-reader.ts';
import { type CsvValue, createCsvWriter } from './csv-writer.ts';

/** The text of a cell, as the one column of a file. */
const written = (value: CsvValue) => createCsvWriter(['a']).line({ a: value });

/** The cells of a line as a spreadsheet takes it apart: RFC 4180, quotes around a cell and twice inside. */
function cellsOf(line: string): string[] {
  const cells = line.slice(0, -2).matchAll(/(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/gs);
  return [...cells].slice(0, -1).map(([, inner, bare = '']) => inner?.replaceAll('""', '"') ?? bare);
}

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

  it('keeps a spreadsheet from running whatever text, in whatever cell', () => {
    // Those that begin a formula oftener than chance would have it.
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom(...'=+-@\t\r\n"; ,'), fc.string()).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
        const { line } = createCsvWriter(cells.map((_, i) => `c${i}`));
        const written = line(Object.fromEntries(cells.map((cell, i) => [`c${i}`, cell])));
        for (const cell of cellsOf(written)) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes the answers to batches too, with the names that a caller made up', () => {
    const { start, results } = BATCH_FORMATS['text/csv'](outputKind(attrition.output));
    const problem = { type: '/problems/invalid-record', title: 'Invalid record', status: 422, detail: 'No.' };
    const errors = [{ fields: ['=HYPERLINK("x")'], rule: 'unknown-field', detail: 'Is unknown.' }];
    const written = results([{ line: 2, file: '@SUM(A1).csv', problem: { ...problem, errors } }], true);
    const cells = cellsOf(written);
    expect(cells).toHaveLength(cellsOf(start).length);
    expect(cells).toEqual(expect.arrayContaining([`'@SUM(A1).csv`, `'=HYPERLINK("x"): Is unknown.`]));
  });

  it('writes what the reader reads', () => {
    const cells = ['a', '"', ',\r\n', ' x ', ';', '12'];
    const names = cells.map((_, i) => `c${i}`);
    const { header, line } = createCsvWriter(names);
    const reader = createCsvReader();
    const text = header + line(Object.fromEntries(cells.map((cell, i) => [`c${i}`, cell])));
    expect([...reader.push(text), ...reader.end()]).toEqual([
      { line: 1, names, delimiter: ',' },
      { line: 2, cells },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { createValidator } from '../../record/validation.ts';
import { attrition, exampleRecord } from '../../test/contracts.ts';
import { readScoringCsv } from './scoring-csv.ts';
import { recordsOf } from './scoring-request.ts';

const validate = createValidator(attrition);
const header = Object.keys(exampleRecord()).join(',');
const row = Object.values(exampleRecord()).join(',');
const read = (...lines: string[]) => readScoringCsv(lines.map((line) => `${line}\n`).join(''), attrition, validate);

describe('a CSV body', () => {
  it('gives the record of every line, as the contract reads it', () => {
    const table = read(header, row, row);
    expect(table.ok && recordsOf(table)).toEqual([exampleRecord(), exampleRecord()]);
    expect(read(header)).toMatchObject({ ok: true, rows: 0 });
  });

  it('has no row where all cells are blank, as spreadsheets write them', () => {
    const blanks = ['', '\u00a0', '""', '" "'].map((blank) => header.replaceAll(/[^,]+/g, blank));
    expect(read(header, ...blanks, row, ...blanks)).toMatchObject({ ok: true, rows: 1 });
  });

  it('may begin with the line that names the delimiter, and is strict beyond that', () => {
    expect(read('sep=,', header, row)).toMatchObject({ ok: true, rows: 1 });
    expect(read('Team', header, row)).toMatchObject({ ok: false });
    expect(read(header.replace('age', 'Âge'), row)).toMatchObject({ ok: false });
  });

  it.each<[title: string, lines: string[], message: string]>([
    ['the index of pandas', [`,${header}`, `0,${row}`], 'write the file with index=False.'],
    ['nothing', [], 'Line 1: The file is empty: its first line must name the columns.'],
    ['a column that is missing', [header.replace('age,', '')], 'Line 1: age: Is required.'],
    ['a column that is unknown', [`${header},shoe_size`], 'Line 1: shoe_size: Not a field of this model.'],
    ['a short line', [header, row, '1,2'], 'Line 3: '],
    ['a broken quote', [header, `"${row}`, row], 'Line 2: '],
  ])('is refused for %s', (_title, lines, message) => {
    expect(read(...lines)).toEqual({ ok: false, message: expect.stringContaining(message) });
  });

  it('counts the faults that it does not name', () => {
    const table = read('shoe_size');
    expect(!table.ok && table.message.match(/Is required/g)).toHaveLength(10);
    expect(!table.ok && table.message).toMatch(/ And 18 more\.$/);
  });
});

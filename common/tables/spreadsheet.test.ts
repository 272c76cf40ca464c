import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { createValidator } from '../record/validation.ts';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { createCheckedCellReader } from './cells.ts';
import { createPlainCsvReader } from './csv-reader.ts';
import { createTableRecords } from './csv-records.ts';
import { createSpreadsheetReader } from './spreadsheet.ts';
import { createTableReader } from './table.ts';
import { createTableNotes } from './table-notes.ts';

const validate = createValidator(attrition);
const names = attrition.features.map(({ name }) => name);
const values = names.map((name) => String(exampleRecord()[name]));

function open() {
  const notes = createTableNotes();
  const spreadsheet = createSpreadsheetReader(attrition, validate).open(notes);
  return { notes, spreadsheet, readCells: createCheckedCellReader(attrition, validate, spreadsheet.readHeader) };
}

/** The rows in few words, and the rules of the notes. */
function readText(...chunks: string[]) {
  const { notes, spreadsheet, readCells } = open();
  const csv = createPlainCsvReader({ spreadsheet });
  const { rowsOf } = createTableRecords(readCells, csv.split);
  const rows = [...chunks.flatMap((chunk) => rowsOf(csv.push(chunk))), ...rowsOf(csv.end())];
  const said = rows.map((row) => {
    if ('violations' in row) return `${row.line} ${row.violations.map(({ rule }) => rule).join('+')}`;
    return `${row.line} ${row.value.ok}`;
  });
  return { said, notes: notes.list().map(({ rule }) => rule) };
}

describe('rows of cells', () => {
  it('are a table whatever they come from, without any delimiter', () => {
    const { notes, spreadsheet, readCells } = open();
    const table = createTableReader({ spreadsheet });
    const { rowsOf } = createTableRecords(readCells, table.split);
    const rows = [['Effectif'], ['', ''], ['Ville', ...names, ''], ['Lyon', ...values], ['Total', '', '9']];
    const items = table.take(rows.map((cells, i) => ({ line: i + 1, cells })));
    const read = [...rowsOf(items), ...rowsOf(table.end())];
    expect(read).toMatchObject([
      { line: 4, value: { ok: true } },
      { line: 5, violations: [{ rule: 'cell-count' }] },
    ]);
    expect(notes.list().map(({ rule }) => rule)).toEqual(['above-header', 'column-without-name', 'column-set-aside']);
  });
});

describe('a file of people', () => {
  const header = names.join(';');
  const row = values.join(';');

  it('is read the same wherever its chunks are cut', () => {
    const text = `sep=;\r\nEffectif, novembre\r\n\r\n;${header};x;\r\n"1";${row};"é";\r\n\r\n2;${row};;\r\nTotal${';'.repeat(names.length + 2)}\r\n3;${row};;!\r\n`;
    const whole = readText(text);
    expect(whole).toEqual({
      said: ['5 true', '7 true', '9 cell-count'],
      notes: ['above-header', 'column-without-name', 'column-without-name', 'column-set-aside', 'total-line'],
    });
    for (let cut = 0; cut <= text.length; cut += 3)
      expect(readText(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    expect(readText(...text)).toEqual(whole);
  });

  it('has a header within its first twenty lines, or names what its likeliest one lacks', () => {
    const above = (lines: number) => `${'Remarque\n'.repeat(lines)}${header}\n${row}\n`;
    expect(readText(above(19))).toEqual({ said: ['21 true'], notes: ['above-header'] });
    expect(readText(above(20)).said[0]).toMatch(/^1 required/);
    expect(readText('Titre\na;b;c\n1;2;3\n').said[0]).toMatch(
      /^2 (required\+)+unknown-field\+unknown-field\+unknown-field$/,
    );
  });

  it('may repeat the names of columns that nobody reads, and no others', () => {
    expect(readText(`x;${header};x\n1;${row};2\n`)).toEqual({ said: ['2 true'], notes: ['column-set-aside'] });
    expect(readText(`age;${header}\n41;${row}\n`).said).toEqual(['1 given-once']);
    expect(readText(`Âge;${header}\n41;${row}\n`).said).toEqual(['1 given-once']);
  });

  it.each(['Total', 'TOTAL GÉNÉRAL', 'Sous-total', 'Moyenne', 'Grand total', 'Average', 'Somme :'])(
    'has no row in %j',
    (word) => {
      const { said, notes } = readText(`nom;${header}\nA;${row}\n${word}${';'.repeat(names.length)}\n`);
      expect({ said, notes }).toEqual({ said: ['2 true'], notes: ['column-set-aside', 'total-line'] });
    },
  );

  it('has a row about somebody called Total, and one that only lacks a value', () => {
    expect(
      readText(`nom;${header}\nTotal;${row}\n"Total";${row}\nTotalini;${';'.repeat(names.length - 1)}\n`).said,
    ).toEqual(['2 true', '3 true', '4 false']);
  });

  it('lacks a column that may be left out, and says so', () => {
    const [age, ...others] = attrition.features;
    if (age?.type !== 'integer') throw new Error('the first feature is no integer');
    const contract: Contract = {
      ...attrition,
      features: [{ ...age, missing: { graph: 'nan', absent: 'missing' } }, ...others],
      rules: [],
    };
    const check = createValidator(contract);
    const notes = createTableNotes();
    const spreadsheet = createSpreadsheetReader(contract, check).open(notes);
    const csv = createPlainCsvReader({ spreadsheet });
    const { rowsOf } = createTableRecords(createCheckedCellReader(contract, check, spreadsheet.readHeader), csv.split);
    const text = `Agee;${names.slice(1).join(';')}\n41;${values.slice(1).join(';')}\n`;
    expect([...rowsOf(csv.push(text)), ...rowsOf(csv.end())]).toMatchObject([{ value: { ok: true } }]);
    expect(notes.list()).toMatchObject([
      { rule: 'column-set-aside', fields: ['Agee'] },
      { rule: 'column-absent', fields: ['age'] },
    ]);
  });
});

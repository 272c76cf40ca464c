import { describe, expect, it } from 'vitest';
import { Contract } from '../contract/contract.ts';
import { createValidator } from '../record/validation.ts';
import { attrition, exampleRecord, tinyJson } from '../test/contracts.ts';
import { createCsvReader } from './csv-reader.ts';
import { createExtractJoin } from './join-extracts.ts';
import type { Extract } from './join-extracts-tables.ts';
import type { SourceRow } from './source-row.ts';
import { createTableNotes } from './table-notes.ts';

const tiny = Contract.parse(JSON.parse(tinyJson));

/** The tiny contract in two extracts: the machine's site and age, and what its counter says. */
const machines = Contract.parse({
  ...tiny,
  groups: [...tiny.groups, { id: 'counter', label: { fr: 'Compteur', en: 'Counter' } }],
  features: tiny.features.map((feature) => (feature.name === 'hours' ? { ...feature, group: 'counter' } : feature)),
  identifier: { name: 'machine_id', label: { fr: 'Machine', en: 'Machine' }, aliases: ['serial'], prefixes: ['M-'] },
});
const joinMachines = createExtractJoin(machines);

const MACHINE = 'machine_id,site,seniority\n1,indoor,3\n2,outdoor,4\n';
const COUNTER = 'serial;hours\nM-2;20,5\n0001;10\n';

function extract(file: string, text: string): Extract {
  const reader = createCsvReader();
  return { file, items: [...reader.push(text), ...reader.end()], notes: createTableNotes(file) };
}

function extractsOf(texts: Record<string, string>): Map<string, Extract> {
  return new Map(Object.entries(texts).map(([id, text]) => [id, extract(`${id}.csv`, text)]));
}

/** Rows in few words: "machine.csv 2: {…}", or the rules and fields of a refusal, "!!" where it is fatal. */
function brief(row: SourceRow): string {
  const where = `${row.file} ${row.line}:`;
  if (!('violations' in row)) return `${where} ${JSON.stringify(row.value)}`;
  const faults = row.violations.map(({ fields, rule }) => `${fields.join('+')} ${rule}`.trim());
  return `${where} ${row.fatal ? '!!' : '!'}${faults.join(', ')}`;
}

const joined = (texts: Record<string, string>) => joinMachines(extractsOf(texts)).map(brief);

describe('extracts that fit together', () => {
  it('are joined in the order of the first group, whatever the order of the map and of the other rows', () => {
    expect(joined({ counter: COUNTER, machine: MACHINE })).toEqual([
      'machine.csv 2: {"machine_id":1,"site":"indoor","seniority":3,"hours":10}',
      'machine.csv 3: {"machine_id":2,"site":"outdoor","seniority":4,"hours":20.5}',
    ]);
  });

  it('are joined by identifiers as pandas and R write them, with numbers that the rows above settle', () => {
    const counter = 'serial;hours\nM-2,00;9.200,50\n1e+03;9.200\n1.0;15,125\n';
    expect(joined({ machine: `${MACHINE}1000,indoor,5\n`, counter })).toEqual([
      'machine.csv 2: {"machine_id":1,"site":"indoor","seniority":3,"hours":15.125}',
      'machine.csv 3: {"machine_id":2,"site":"outdoor","seniority":4,"hours":9200.5}',
      'machine.csv 4: {"machine_id":1000,"site":"indoor","seniority":5,"hours":9200}',
    ]);
  });

  it('may hold features of another group, once each', () => {
    expect(joined({ machine: 'machine_id,age_years\n7,3\n', counter: 'serial,hours,site\n7,10,indoor\n' })).toEqual([
      'machine.csv 2: {"machine_id":7,"age_years":3,"hours":10,"site":"indoor"}',
    ]);
  });

  it('give records that the validator accepts', () => {
    const validate = createValidator(machines);
    for (const row of joinMachines(extractsOf({ machine: MACHINE, counter: COUNTER }))) {
      expect('value' in row && validate(row.value).ok).toBe(true);
    }
  });

  it('of the attrition model are joined by the three spellings of the identifier', () => {
    const identifiers: Record<string, string[]> = {
      sirh: ['id_employee', '1'],
      eval: ['eval_number', 'E_1'],
      sondage: ['code_sondage', '00001'],
    };
    const texts = attrition.groups.map(({ id }) => {
      const names = attrition.features.filter(({ group }) => group === id).map(({ name }) => name);
      const rows = [names, names.map((name) => exampleRecord()[name])];
      return [id, rows.map((row, i) => [identifiers[id]?.[i], ...row].join(',')).join('\n')] as const;
    });
    const [row, ...others] = createExtractJoin(attrition)(extractsOf(Object.fromEntries(texts)));
    expect(others).toEqual([]);
    expect(row).toEqual({ file: 'sirh.csv', line: 2, value: { id_employee: 1, ...exampleRecord() } });
  });
});

describe('a row that cannot be joined', () => {
  it('is missing from another extract, or from the first', () => {
    expect(joined({ machine: `${MACHINE}3,indoor,5\n`, counter: `${COUNTER}M-4;1\n` }).slice(2)).toEqual([
      'machine.csv 4: !machine_id unmatched',
      'counter.csv 4: !machine_id unmatched',
    ]);
  });

  it('is repeated: nobody guesses which one is meant', () => {
    expect(joined({ machine: `${MACHINE}M-1,outdoor,9\n`, counter: `${COUNTER}2;99\n` })).toEqual([
      'machine.csv 2: !machine_id given-once',
      'machine.csv 3: !machine_id given-once',
      'machine.csv 4: !machine_id given-once',
    ]);
  });

  it('has every reason at once, which names the files and the lines', () => {
    const rows = joinMachines(extractsOf({ machine: `${MACHINE}3,indoor,5\n3,indoor,5\n`, counter: COUNTER }));
    expect(rows[2]).toMatchObject({
      violations: [
        { message: { en: 'The identifier 3 is repeated in "machine.csv" (lines 4, 5).' } },
        { message: { en: 'The identifier 3 is not in "counter.csv".' } },
      ],
    });
  });

  it.each(['0', '-1', 'X-1', '1.5', '1.000', '1.', 'M-', '1E+05', '9'.repeat(20)])(
    'has the malformed identifier %s',
    (who) => {
      expect(joined({ machine: `${MACHINE}${who},indoor,5\n`, counter: `${COUNTER}${who};1\n` }).slice(2)).toEqual([
        'machine.csv 4: !machine_id type',
        'counter.csv 4: !machine_id type',
      ]);
    },
  );

  it('has no identifier, or too few cells', () => {
    const texts = { machine: `machine_id,site,seniority\n ,indoor,3\n2\n`, counter: 'serial,hours\n,1\n2,3,4\n' };
    expect(joined(texts)).toEqual([
      'machine.csv 2: !machine_id required',
      'machine.csv 3: !cell-count',
      'counter.csv 2: !machine_id required',
      'counter.csv 3: !cell-count',
    ]);
  });

  it('names ten lines, however often it is repeated', () => {
    const rows = joinMachines(extractsOf({ machine: MACHINE, counter: `serial,hours\n${'1,2\n'.repeat(500)}` }));
    expect(JSON.stringify(rows[0])).toContain('(lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …).');
  });
});

describe('extracts that do not fit together give fatal rows only', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['an extract is missing', { machine: MACHINE }, ['undefined 0: !!extract']],
    [
      'an extract is not the model’s',
      { machine: MACHINE, counter: COUNTER, weather: 'a\n' },
      ['weather.csv 0: !!extract'],
    ],
    ['a file is empty', { machine: MACHINE, counter: '' }, ['counter.csv 1: !!header']],
    ['a quote is broken', { machine: `${MACHINE}"3,indoor`, counter: COUNTER }, ['machine.csv 4: !!quote']],
    ['a file has no identifier', { machine: MACHINE, counter: 'hours\n1\n' }, ['counter.csv 1: !!machine_id required']],
    [
      'a file has two identifiers',
      { machine: MACHINE, counter: 'serial,machine_id,hours\n1,1,1\n' },
      ['counter.csv 1: !!machine_id given-once'],
    ],
    [
      'a feature is in two files, by whichever name',
      { machine: MACHINE, counter: 'serial,hours,age_years\n1,1,1\n' },
      ['counter.csv 1: !!seniority given-once'],
    ],
    [
      'columns are missing and unknown',
      { machine: 'machine_id,wheels\n', counter: 'serial,colour,hours\n' },
      [
        'machine.csv 1: !!wheels unknown-field, seniority required, site required',
        'counter.csv 1: !!colour unknown-field',
      ],
    ],
  ])('%s', (_title, texts, rows) => {
    expect(joined(texts)).toEqual(rows);
  });

  it('the contract names no identifier', () => {
    expect(createExtractJoin(tiny)(extractsOf({ machine: MACHINE })).map(brief)).toEqual(['undefined 0: !!extract']);
  });
});

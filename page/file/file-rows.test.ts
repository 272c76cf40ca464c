import { describe, expect, it } from 'vitest';
import type { BatchEnd, BatchResult } from '../../common/api/answers.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import { attrition, exampleRecord } from '../../common/test/contracts.ts';
import { describeFaults } from './notes.ts';
import { predictRows } from './predict-rows.ts';
import { readFileRows, readHeader } from './read-file-rows.ts';
import type { RecognisedFile } from './recognise-files.ts';
import { resultsCsv } from './results-csv.ts';
import { findRepeated, type Row } from './rows.ts';
import { templateCsv } from './template.ts';
import { repeatedIdentifiers } from './texts.ts';

const names = attrition.features.map(({ name }) => name);
type Cells = Record<string, string | number>;

function csv(records: Cells[], columns = ['id_employee', ...names]): string {
  const { header, line } = createCsvWriter(columns);
  return header + records.map(line).join('');
}
const employee = (id: string | number, changes: Cells = {}): Cells => ({
  ...attrition.examples[0]?.input,
  id_employee: id,
  ...changes,
});

const fileOf = (text: string | Uint8Array<ArrayBuffer>, name = 'team.csv') => new File([text], name);
const wholeFile = (file: File) =>
  ({ kind: 'whole', file: { file, name: file.name, role: { kind: 'whole' } } }) as const;

function read(file: File, { maxRows = 1000, signal = new AbortController().signal } = {}) {
  return readFileRows(wholeFile(file), attrition, { maxRows, onProgress: () => undefined, signal });
}

async function rowsOf(file: File): Promise<Row[]> {
  const reading = await read(file);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.rows;
}

describe('readFileRows', () => {
  it('reads every row with its line, and says in both languages what is wrong with it', async () => {
    const rows = await rowsOf(
      fileOf(csv([employee('E_7'), employee(8, { age: 17 }), employee(9, { age: 64, annee_experience_totale: 21 })])),
    );
    expect(rows).toMatchObject([
      { line: 2, file: 'team.csv', identifier: 7, status: 'ready', notes: [], record: exampleRecord() },
      { line: 3, identifier: 8, status: 'refused' },
      { line: 4, identifier: 9, status: 'ready', notes: [{ fields: ['age'] }] },
    ]);
    expect(rows[1]?.notes).toContainEqual(
      expect.objectContaining({
        fields: ['age'],
        message: { fr: 'Doit être au moins 18 ans.', en: 'Must be at least 18 years.' },
      }),
    );
  });

  it('refuses a file whose columns are wrong, naming each', async () => {
    const columns = names.map((name) => (name === 'age' ? 'years' : name));
    const reading = await read(fileOf(csv([], columns)));
    expect(reading).toMatchObject({
      ok: false,
      faults: [
        {
          file: 'team.csv',
          line: 1,
          violations: [
            { fields: ['age'], message: { en: 'The column "age" is missing.' } },
            { fields: ['years'], rule: 'unknown-field' },
          ],
        },
      ],
    });
  });

  it('joins extracts, and names the file of a row that has no match', async () => {
    const columnsOf = (group: string) => attrition.features.filter((it) => it.group === group).map(({ name }) => name);
    const extract = (group: string, key: string, ids: string[]): [string, RecognisedFile<File>] => {
      const records = ids.map((id) => ({ ...employee(id), [key]: id }));
      const file = fileOf(csv(records, [key, ...columnsOf(group)]), `${group}.csv`);
      return [group, { file, name: file.name, role: { kind: 'extract', group } }];
    };
    const files = new Map([
      extract('eval', 'eval_number', ['E_1', 'E_2']),
      extract('sondage', 'code_sondage', ['00001', '0002', '3']),
      extract('sirh', 'id_employee', ['2', '1']),
    ]);
    const reading = await readFileRows({ kind: 'extracts', files }, attrition, {
      maxRows: 1000,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    expect(reading).toMatchObject({
      ok: true,
      rows: [
        { file: 'sirh.csv', line: 2, identifier: 2, status: 'ready' },
        { file: 'sirh.csv', line: 3, identifier: 1, status: 'ready' },
        { file: 'sondage.csv', line: 4, status: 'refused', notes: [{ rule: 'unmatched' }] },
      ],
    });
  });

  it('keeps what comes before a quote that is never closed, and says that the file breaks off', async () => {
    const reading = await read(fileOf(`${csv([employee(1)])}"never closed,1,2\r\n3,4\r\n`));
    expect(reading).toMatchObject({ ok: true, cut: true, rows: [{ status: 'ready' }, { status: 'refused', line: 3 }] });
  });

  it('takes no more rows than it may', async () => {
    const text = csv([1, 2, 3].map((id) => employee(id)));
    expect(await read(fileOf(text), { maxRows: 2 })).toMatchObject({ ok: true, tooMany: true });
    expect(await read(fileOf(text), { maxRows: 3 })).toMatchObject({ ok: true, tooMany: false });
  });

  it('reads Windows-1252, and says so', async () => {
    const windows = Uint8Array.from(csv([employee(1, { statut_marital: 'Marié(e)' })]), (char) => char.charCodeAt(0));
    expect(await read(fileOf(windows))).toMatchObject({
      ok: true,
      rows: [{ status: 'ready', record: { statut_marital: 'Marié(e)' } }],
      notes: [{ rule: 'encoding' }],
    });
  });

  it('refuses an encoding that may be several, and what has no header', async () => {
    // As Mac Roman has it, "é" is 0x8e.
    const mac = Uint8Array.from(csv([employee(1, { statut_marital: 'Mari\u008e(e)' })]), (char) => char.charCodeAt(0));
    expect(await read(fileOf(mac))).toMatchObject({ ok: false, faults: [{ violations: [{ rule: 'encoding' }] }] });
    expect(await read(fileOf(''))).toMatchObject({ ok: false, faults: [{ violations: [{ rule: 'header' }] }] });
  });

  it('reports how far it is, and stops when it is told to', async () => {
    const file = fileOf(csv(Array.from({ length: 3000 }, (_, i) => employee(i + 1))));
    const seen: number[] = [];
    const abort = new AbortController();
    const reading = readFileRows(wholeFile(file), attrition, {
      maxRows: 10_000,
      onProgress(share) {
        seen.push(share);
        if (share > 0.5) abort.abort(new Error('enough'));
      },
      signal: abort.signal,
    });
    await expect(reading).rejects.toThrow('enough');
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(1);
  });
});

describe('readHeader', () => {
  it('reads the names, and none of what has no header', async () => {
    const header = (content: string | Uint8Array<ArrayBuffer>) => readHeader(fileOf(content), attrition);
    expect(await header('\uFEFFa; b ;c\r\n1;2;3\r\n')).toEqual(['a', 'b', 'c']);
    expect(await header('Team\r\n\r\nÂge; Genre ;c\r\n1;2;3\r\n')).toEqual(['Âge', 'Genre', 'c']);
    expect(await header('')).toEqual([]);
    expect(await header(Uint8Array.of(0x8e, 0x2c))).toEqual([]);
  });
});

describe('a header that names other columns', () => {
  const renamed = names.map((name) => (name === 'poste' ? 'Intitulé' : name));
  const file = fileOf(
    csv(
      [employee(1, { Intitulé: exampleRecord()['poste'] === undefined ? '' : String(exampleRecord()['poste']) })],
      ['id_employee', 'Site', ...renamed],
    ),
  );

  it('is said in two sentences, whatever the number of columns', async () => {
    const reading = await read(file);
    const violations = reading.ok ? [] : reading.faults.flatMap((it) => it.violations);
    expect(describeFaults(violations, attrition, 'fr')).toEqual([
      'Il manque la colonne\u00a0: Poste (poste).',
      'Colonnes que le modèle ne connaît pas\u00a0: Site, Intitulé.',
    ]);
    const none = await read(fileOf('a,b\n1,2\n'));
    const sentences = describeFaults(none.ok ? [] : none.faults.flatMap((it) => it.violations), attrition, 'en');
    expect(sentences).toHaveLength(2);
    expect(sentences[0]).toMatch(/^Columns are missing: Age \(age\), Gender \(genre\), /);
  });

  it('is read once somebody says which is which', async () => {
    const mapping = new Map([['Intitulé', 'poste']]);
    const reading = await readFileRows(wholeFile(file), attrition, {
      maxRows: 10,
      mapping,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    expect(reading).toMatchObject({
      ok: true,
      rows: [{ status: 'ready', record: exampleRecord() }],
      notes: [
        { rule: 'column-set-aside', fields: ['Site'] },
        { rule: 'column-recognised', fields: ['Intitulé'] },
      ],
    });
  });
});

describe('findRepeated', () => {
  it('finds the identifiers of several rows that can be predicted', async () => {
    const rows = await rowsOf(
      fileOf(csv([employee('E_7'), employee(7), employee(8), employee(8, { age: 3 }), employee(''), employee('')])),
    );
    expect(findRepeated(rows)).toEqual([{ identifier: 7, lines: [2, 3] }]);
    expect(repeatedIdentifiers(findRepeated(rows), { fr: 'Matricule', en: 'Employee number' })).toEqual({
      fr: 'Matricule sur plusieurs lignes\u00a0: 7 (lignes 2, 3). Chaque ligne compte pour elle-même.',
      en: 'Employee number on several lines: 7 (lines 2, 3). Each line counts by itself.',
    });
  });
});

describe('templateCsv', () => {
  it('is a file that can be predicted as it is', async () => {
    const rows = await rowsOf(fileOf(templateCsv(attrition)));
    expect(rows).toHaveLength(attrition.examples.length);
    expect(rows.every(({ status }) => status === 'ready')).toBe(true);
  });
});

const model = {
  name: attrition.name,
  version: attrition.version,
  sha256: attrition.graph.sha256.slice(0, 12),
  contractSha256: null,
};
const end = (changes = {}): BatchEnd => ({
  summary: { rows: 0, predicted: 0, refused: 0, notRecorded: 0, model, ...changes },
});
const answer = (line: number, probability: number): BatchResult => ({
  line,
  identifier: null,
  id: '019a0000-0000-7000-8000-000000000001',
  label: 'stays',
  probability,
  threshold: 0.32,
  risk: 'low',
  warnings: [],
  recorded: 'queued',
});

/** Predicts with what answers these items, whatever it is asked. */
async function predictWith(rows: Row[], items: (BatchResult | BatchEnd)[]) {
  const sent: string[] = [];
  const answered: number[] = [];
  const ending = await predictRows(rows, {
    contract: attrition,
    async *predictFile(file) {
      sent.push(await file.text());
      yield* items;
    },
    signal: new AbortController().signal,
    onProgress: (count) => answered.push(count),
  });
  return { sent: sent.join(), answered, ending };
}

describe('predictRows', () => {
  const problem = { type: '/problems/invalid-record', title: 'Invalid record', status: 422, detail: 'See "errors".' };

  it('sends the rows that can be predicted, in the spelling of the contract, and puts the answers in their places', async () => {
    const rows = await rowsOf(
      fileOf(csv([employee('E_1', { heure_supplementaires: 'true' }), employee(2, { age: 17 }), employee(3)])),
    );
    const { sent, answered, ending } = await predictWith(rows, [answer(2, 0.25), answer(3, 0.5), end()]);
    const resent = await rowsOf(fileOf(sent));
    expect(resent.map(({ identifier }) => identifier)).toEqual([1, 3]);
    expect(sent).toContain(',Oui,');
    expect(rows).toMatchObject([
      { line: 2, status: 'predicted', result: { probability: 0.25 } },
      { line: 3, status: 'refused' },
      { line: 4, status: 'predicted', result: { probability: 0.5 } },
    ]);
    expect({ answered, ending }).toEqual({ answered: [1, 2], ending: { stopped: null, notRecorded: 0 } });
  });

  it('shows the refusal of the API in its own words', async () => {
    const rows = await rowsOf(fileOf(csv([employee(1)])));
    const errors = [{ fields: ['age'], rule: 'minimum', detail: 'Must be at least 99 years.' }];
    await predictWith(rows, [{ line: 2, problem: { ...problem, errors } }, end()]);
    const message = { fr: 'Must be at least 99 years.', en: 'Must be at least 99 years.' };
    expect(rows).toMatchObject([{ status: 'refused', notes: [{ fields: ['age'], message }] }]);
  });

  it('leaves the rows that an answer does not reach, and sends them alone the next time', async () => {
    const rows = await rowsOf(fileOf(csv([employee(1), employee(2)])));
    const { ending } = await predictWith(rows, [answer(2, 0.1), end({ stopped: problem, notRecorded: 1 })]);
    expect(ending).toEqual({ stopped: problem, notRecorded: 1 });
    expect(rows.map(({ status }) => status)).toEqual(['predicted', 'ready']);
    const { ending: second } = await predictWith(rows, [answer(2, 0.9)]);
    expect(second).toBeNull();
    expect(rows).toMatchObject([{ result: { probability: 0.1 } }, { identifier: 2, result: { probability: 0.9 } }]);
  });
});

describe('resultsCsv', () => {
  it('has a line a row, in the language of the page, and nothing that a spreadsheet would run', async () => {
    const rows = await rowsOf(fileOf(csv([employee(1), employee(2, { age: 17 })]), '=team.csv'));
    await predictWith(rows, [answer(2, 0.25), end()]);
    const text = resultsCsv(rows, attrition, 'fr').join('');
    expect(text.startsWith('\uFEFFline,file,id,identifier,')).toBe(true);
    const [, first = '', second = ''] = text.split('\r\n');
    expect(first).toBe(
      `2,'=team.csv,019a0000-0000-7000-8000-000000000001,1,stays,0.25,0.32,low,,,${attrition.name} ${attrition.version}`,
    );
    expect(second).toContain("3,'=team.csv,,2,");
    expect(second).toContain('Âge\u00a0: Doit être au moins 18 ans.');
  });
});

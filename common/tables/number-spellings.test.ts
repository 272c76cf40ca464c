import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { readScoringCsv } from '../protocols/mlflow/scoring-csv.ts';
import { readTyped, spellNumber } from '../record/read-number.ts';
import { createValidator, type Validation } from '../record/validation.ts';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { createCheckedCellReader } from './cells.ts';
import { createCsvReader } from './csv-reader.ts';
import { createCsvRecordReader } from './csv-records.ts';
import { createExtractJoin } from './join-extracts.ts';
import { createTableNotes } from './table-notes.ts';

/**
 * For every number that a contract accepts, every spelling that a reader accepts means that number: in JSON texts, in CSV files of
 * each delimiter, in forms, in bodies of /invocations and in what people type.
 */

/** Fixed, so that a failure can be repeated; change it to look elsewhere. */
const SEED = 20_261_201;
const RUNS = 300;
/** For a machine that is busy with other things. */
const TIMEOUT_MS = 60_000;

const FIELD = 'revenu_mensuel';
const SUFFIX = '€';

/** The published contract, with any amount of money for a revenue. */
const contract: Contract = {
  ...attrition,
  features: attrition.features.map((it) =>
    it.name === FIELD && it.type === 'number'
      ? { ...it, accepted: { min: -1e12, max: 1e12, exclusiveMin: false, exclusiveMax: false }, suffix: SUFFIX }
      : it,
  ),
};
const validate = createValidator(contract);
const NAMES = contract.features.map(({ name }) => name);
const AT = NAMES.indexOf(FIELD);
const OTHERS = exampleRecord();

/** How one writer writes its numbers. */
type Style = { decimalSign: '.' | ','; between: string; decimals: number; suffix: string; blanks: string };

/** Signs between groups that are no decimal sign: they leave no doubt. */
const PLAIN_BETWEEN = ['', ' ', '\u00a0', '\u202f', '\u2009', "'", '\u2019'];

/** The styles of a writer that writes decimals with one of these signs. `others`: groups may have the other one between them. */
const styles = (decimalSigns: readonly ('.' | ',')[], others: boolean): fc.Arbitrary<Style> =>
  fc.constantFrom(...decimalSigns).chain((decimalSign) =>
    fc.record({
      decimalSign: fc.constant(decimalSign),
      between: fc.constantFrom(...PLAIN_BETWEEN, ...(others ? [decimalSign === '.' ? ',' : '.'] : [])),
      decimals: fc.integer({ min: 0, max: 6 }),
      suffix: fc.constantFrom('', SUFFIX, ` ${SUFFIX}`, `\u202f${SUFFIX}`),
      blanks: fc.constantFrom('', ' ', '\u00a0', '\u200b'),
    }),
  );

/** The numbers themselves, in millionths, so that they can be written exactly. Those around a thousand are many. */
const numbers = fc.oneof(
  fc.integer({ min: -2_000_000, max: 2_000_000 }).map((thousandths) => thousandths * 1000),
  fc.integer({ min: -999, max: 999 }).map((thousands) => thousands * 1e9),
  fc.maxSafeInteger().map((it) => it % 1e15),
);

/** A number of millionths as a writer of this style writes it, with as many decimals as it needs at least. */
function spell(millionths: number, { decimalSign, between, decimals, suffix, blanks }: Style): string {
  const digits = String(Math.abs(millionths)).padStart(7, '0');
  const whole = digits.slice(0, -6).replaceAll(/\B(?=(\d{3})+$)/g, between);
  const needed = digits.slice(-6).replace(/0+$/, '');
  const shown = needed.padEnd(decimals, '0');
  return `${blanks}${millionths < 0 ? '-' : ''}${whole}${shown && decimalSign}${shown}${suffix}${blanks}`;
}

const fromMillionths = (millionths: number) => Number(`${millionths}e-6`);

/** The revenue of a validated record; null for one that is refused. */
const revenueOf = (validation: Validation) => (validation.ok ? (validation.values[AT] ?? null) : null);

function fileOf(delimiter: string, texts: readonly string[]): string {
  const rows = texts.map((text, i) => {
    const cells: Record<string, unknown> = { ...OTHERS, [FIELD]: text, id_employee: i + 1 };
    return ['id_employee', ...NAMES].map((name) => String(cells[name]));
  });
  const quote = (cell: string) => (cell.includes(delimiter) || cell.trim() !== cell ? `"${cell}"` : cell);
  return [['id_employee', ...NAMES], ...rows].map((cells) => `${cells.map(quote).join(delimiter)}\n`).join('');
}

function readCsv(delimiter: string, texts: readonly string[]): unknown[] {
  const reader = createCsvRecordReader(createCheckedCellReader(contract, validate));
  return [...reader.push(fileOf(delimiter, texts)), ...reader.end()].map((row) =>
    'value' in row ? revenueOf(row.value) : 'refused',
  );
}

function readScoring(delimiter: string, texts: readonly string[]): unknown[] {
  const table = readScoringCsv(fileOf(delimiter, texts), contract, validate);
  if (!table.ok) throw new Error(table.message);
  return Array.from({ length: table.rows }, (_, row) => revenueOf(validate(table.recordAt(row))));
}

/** The contract as one of a form with a single extract. */
const oneGroup: Contract = {
  ...contract,
  groups: contract.groups.slice(0, 1),
  features: contract.features.map((it) => ({ ...it, group: contract.groups[0]?.id ?? '' })),
};
const join = createExtractJoin(oneGroup);

function readForm(delimiter: string, texts: readonly string[]): unknown[] {
  const reader = createCsvReader();
  const items = [...reader.push(fileOf(delimiter, texts)), ...reader.end()];
  const rows = join(new Map([[oneGroup.groups[0]?.id ?? '', { file: 'a.csv', items, notes: createTableNotes() }]]));
  return rows.map((row) => ('value' in row ? revenueOf(validate(row.value)) : 'refused'));
}

/** Readers of single texts. JSON takes texts with their suffix alone. */
const readJson = (text: string) => revenueOf(validate({ ...OTHERS, [FIELD]: text }));
const readPage = (text: string) => revenueOf(validate({ ...OTHERS, [FIELD]: readTyped(text) }));

/**
 * A file is written by one writer. What a delimiter says is true of it: spreadsheets that separate by semicolons write decimal commas,
 * and nobody has commas between thousands there, nor points where commas separate.
 */
const WRITERS: [delimiter: string, fc.Arbitrary<Style>][] = [
  [',', fc.oneof(styles(['.'], true), styles([','], false))],
  [';', fc.oneof(styles([','], true), styles(['.'], false))],
  ['\t', styles(['.', ','], true)],
];

describe.each(WRITERS)('a number in a file with the delimiter %j', (delimiter, style) => {
  it('is itself, or refused', { timeout: TIMEOUT_MS }, () => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 8 }), style, (column, writer) => {
        const texts = column.map((it) => spell(it, writer));
        const read = readCsv(delimiter, texts);
        expect(readScoring(delimiter, texts)).toEqual(read);
        expect(readForm(delimiter, texts)).toEqual(read);
        for (const [i, millionths] of column.entries()) {
          if (read[i] !== null) expect(read[i], texts.join(' | ')).toBe(fromMillionths(millionths));
          seen[read[i] === null ? 'refused' : 'read']++;
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(seen.read).toBeGreaterThan(2 * seen.refused);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it('is refused only where it has two meanings', { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(numbers, style, (millionths, writer) => {
        const text = spell(millionths, writer);
        const isOpen = /^[^\d]*[1-9]\d{0,2}[.,]\d{3}[^\d]*$/.test(text);
        const [read] = readCsv(delimiter, [text]);
        if (!isOpen) expect(read, text).toBe(fromMillionths(millionths));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});

describe('a number without a file', () => {
  it('is itself, or refused, in JSON and on the page', { timeout: TIMEOUT_MS }, () => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(numbers, styles(['.', ','], true), (millionths, writer) => {
        const text = spell(millionths, writer);
        const [json, page] = [readJson(text), readPage(text)];
        for (const read of [json, page]) {
          if (read !== null) expect(read, text).toBe(fromMillionths(millionths));
          seen[read === null ? 'refused' : 'read']++;
        }
        if (writer.suffix !== '') expect(json).toBe(page);
      }),
      { seed: SEED, numRuns: 10 * RUNS },
    );
    expect(seen.read).toBeGreaterThan(seen.refused);
    expect(seen.refused).toBeGreaterThan(0);
  });

  it('is read by everybody as it is spelled for the page', { timeout: TIMEOUT_MS }, () => {
    const any = fc.oneof(numbers.map(fromMillionths), fc.double({ min: -1e12, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(any, fc.constantFrom('.', ','), (number, sign) => {
        const text = spellNumber(number, sign);
        expect(readPage(text)).toBe(number);
        expect(readJson(`${text} ${SUFFIX}`)).toBe(number);
        for (const [delimiter] of WRITERS) expect(readCsv(delimiter, [text])).toEqual([number]);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Contract } from '../../common/contract/contract.ts';
import { createValidator, type Validation } from '../../common/record/validation.ts';
import type { Violation } from '../../common/record/violation.ts';
import { createCheckedCellReader } from '../../common/tables/cells.ts';
import { createCsvRecordReader } from '../../common/tables/csv-records.ts';
import { createTextDecoding, type TextDecoding } from '../../common/tables/decode-text.ts';
import type { SourceRow } from '../../common/tables/source-row.ts';
import { createSpreadsheetReader } from '../../common/tables/spreadsheet.ts';
import { createTableNotes } from '../../common/tables/table-notes.ts';
import { attrition } from '../../common/test/contracts.ts';

/** A file as a tool wrote it, with the rows that were put in, or the rules by which it is refused. make_files.py writes them. */
const CorpusFile = z.strictObject({
  name: z.string(),
  by: z.enum(['pandas', 'R', 'Excel', 'LibreOffice']),
  text: z.string().optional(),
  base64: z.string().optional(),
  charset: z.string().optional(),
  refused: z.array(z.string()).optional(),
  /** The identifier, and the values in the order of `FIELDS`. */
  rows: z.array(z.array(z.union([z.number(), z.string(), z.null()]))).optional(),
  notes: z.array(z.string()).optional(),
  lines: z.array(z.number()).optional(),
  refusedRows: z.record(z.string(), z.string()).optional(),
});
type CorpusFile = z.infer<typeof CorpusFile>;

const files = z
  .array(CorpusFile)
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/files.json'), 'utf8')));

const FIELDS = ['age', 'statut_marital', 'revenu_mensuel', 'heure_supplementaires', 'augementation_salaire_precedente'];

/** The published contract with five of its features, so that a file is short. */
const contract: Contract = {
  ...attrition,
  features: FIELDS.flatMap((field) => attrition.features.filter(({ name }) => name === field)),
  rules: [],
};
const validate = createValidator(contract);

type Reading = {
  rows: unknown[][];
  lines: number[];
  refusedRows: Record<string, string>;
  /** The rules by which the file is refused as a whole, each once. */
  refused: string[];
  notes: string[];
};

/** Reads a file as the batch endpoint and the page do, in chunks of so many bytes. */
function read({ text = '', base64, charset }: CorpusFile, chunkBytes: number): Reading {
  const bytes = base64 === undefined ? Buffer.from(text, 'latin1') : Buffer.from(base64, 'base64');
  const notes = createTableNotes();
  const makeDecoder = (encoding: string) => new TextDecoder(encoding, { fatal: true });
  const decoding = createTextDecoding({ makeDecoder, declared: charset ?? null, notes });
  const spreadsheet = createSpreadsheetReader(contract, validate).open(notes);
  const reader = createCsvRecordReader(
    createCheckedCellReader(contract, validate, spreadsheet.readHeader),
    spreadsheet,
  );
  const reading = structuredClone(NOTHING);

  function take(rows: ReturnType<typeof reader.push>): void {
    for (const row of rows) {
      const rules = [...new Set(violationsOf(row).map(({ rule }) => rule))];
      if ('fatal' in row) reading.refused.push(...rules);
      else if (rules.length > 0) reading.refusedRows[row.line] = rules.join('+');
      else if ('value' in row && row.value.ok) {
        reading.rows.push([row.value.identifier, ...row.value.values]);
        reading.lines.push(row.line);
      }
    }
  }

  for (const decoded of decodeAll(bytes, chunkBytes, decoding)) {
    if (typeof decoded !== 'string') return { ...NOTHING, refused: [decoded.rule] };
    take(reader.push(decoded));
  }
  take(reader.end());
  return { ...reading, notes: notes.list().map(({ rule }) => rule) };
}

const NOTHING: Reading = { rows: [], lines: [], refusedRows: {}, refused: [], notes: [] };

function* decodeAll(bytes: Uint8Array, chunkBytes: number, decoding: TextDecoding): Generator<string | Violation> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield decoding.push(bytes.subarray(at, at + chunkBytes));
  yield decoding.end();
}

function violationsOf(row: SourceRow<Validation>): Violation[] {
  if ('violations' in row) return row.violations;
  return row.value.ok ? [] : row.value.violations;
}

describe('the corpus', () => {
  it('has at least 150 files, of four tools', () => {
    expect(files.length).toBeGreaterThanOrEqual(150);
    expect(new Set(files.map(({ by }) => by)).size).toBeGreaterThanOrEqual(3);
  });

  it.each(files.map((file) => [file.by, file.name, file] as const))('%s: %s', (_by, _name, file) => {
    const whole = read(file, 1 << 16);
    const { rows, lines, refusedRows, refused, notes } = whole;
    if (file.refused) expect({ refused, rows }).toEqual({ refused: file.refused, rows: [] });
    else {
      expect({ rows, refused, refusedRows, notes }).toEqual({
        rows: file.rows,
        refused: [],
        refusedRows: file.refusedRows ?? {},
        notes: file.notes,
      });
      if (file.lines) expect(lines).toEqual(file.lines);
    }
    for (const chunkBytes of [1, 7]) expect(read(file, chunkBytes), `in chunks of ${chunkBytes}`).toEqual(whole);
  });
});

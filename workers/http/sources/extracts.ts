import { describeRowLimit } from '../../../common/api/problems.ts';
import { createCsvReader } from '../../../common/tables/csv-reader.ts';
import { createExtractJoin } from '../../../common/tables/join-extracts.ts';
import type { Extract } from '../../../common/tables/join-extracts-tables.ts';
import { readRows } from '../../../common/tables/source-row.ts';
import { createSpreadsheetReader, type SpreadsheetReader } from '../../../common/tables/spreadsheet.ts';
import type { Spreadsheet, TableItem } from '../../../common/tables/table.ts';
import { createTableNotes } from '../../../common/tables/table-notes.ts';
import { ProblemError } from '../../errors.ts';
import type { Predictor } from '../../ports.ts';
import { sha256Hex } from '../../sha256.ts';
import { check, decodeTable, inChunks, readHeld, type Source, type SourceOptions } from './source.ts';

/**
 * A form with one CSV file for each group of the contract, named after it. The files are joined by their identifiers, and are
 * held in memory: at most 8 MiB together.
 */
export async function openExtracts(
  request: Request,
  { contract, validate }: Predictor,
  { maxBytes, maxRows, withFingerprint }: SourceOptions,
): Promise<Source> {
  const parts = await readParts(request, await readHeld(request, maxBytes));
  const spreadsheets = createSpreadsheetReader(contract, validate);
  const extracts = await readExtracts(parts, maxRows, spreadsheets);
  const rows = createExtractJoin(contract, validate)(extracts);
  return {
    rows: check([rows], validate),
    fingerprint: withFingerprint ? await fingerprintOf(parts) : null,
    notes: () => [...extracts.values()].flatMap(({ notes }) => notes.list()),
  };
}

/** A file of a form, or a text in place of one. */
type Part = { name: string; file: string; type: string; content: Uint8Array<ArrayBuffer> };

/** The parts of a form, each of another name. */
async function readParts(request: Request, bytes: Uint8Array<ArrayBuffer>): Promise<Part[]> {
  const parts = new Map<string, Part>();
  for (const [name, part] of await parseForm(request, bytes)) {
    if (parts.has(name))
      throw new ProblemError('invalid-multipart', { detail: `"${name.slice(0, 100)}" is given twice.` });
    const file = typeof part === 'string' ? name : part.name;
    const content =
      typeof part === 'string'
        ? new Uint8Array(new TextEncoder().encode(part))
        : new Uint8Array(await part.arrayBuffer());
    parts.set(name, { name, file, type: typeof part === 'string' ? '' : part.type, content });
  }
  return [...parts.values()];
}

async function parseForm(request: Request, bytes: Uint8Array<ArrayBuffer>): Promise<FormData> {
  try {
    return await new Response(bytes, {
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
    }).formData();
  } catch (cause) {
    throw new ProblemError('invalid-multipart', { cause });
  }
}

/** The digest of the parts, not of the body: a client makes up a new boundary between the parts each time. */
async function fingerprintOf(parts: readonly Part[]): Promise<string> {
  const described = parts.map(async ({ name, file, content }) =>
    JSON.stringify([name, file, await sha256Hex(content)]),
  );
  return sha256Hex((await Promise.all(described)).sort().join('\n'));
}

async function readExtracts(
  parts: readonly Part[],
  maxRows: number,
  spreadsheets: SpreadsheetReader,
): Promise<Map<string, Extract>> {
  const extracts = new Map<string, Extract>();
  for (const part of parts) {
    const notes = createTableNotes(part.file);
    extracts.set(part.name, {
      file: part.file,
      items: await readItems(part, maxRows, spreadsheets.open(notes)),
      notes,
    });
  }
  return extracts;
}

/** The header of an extract and its rows. */
async function readItems({ content, type }: Part, maxRows: number, spreadsheet: Spreadsheet): Promise<TableItem[]> {
  const items: TableItem[] = [];
  const text = decodeTable(inChunks(content), type, spreadsheet.notes);
  for await (const batch of readRows(createCsvReader({ spreadsheet }), text)) {
    for (const item of batch) items.push(item);
    if (items.length > maxRows + 1) throw new ProblemError('too-many-rows', { detail: describeRowLimit(maxRows) });
  }
  return items;
}

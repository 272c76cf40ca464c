import { describeRowLimit } from '../../../common/api/problems.ts';
import { type CsvItem, createCsvReader } from '../../../common/tables/csv-reader.ts';
import { createExtractJoin } from '../../../common/tables/join-extracts.ts';
import type { Extract } from '../../../common/tables/join-extracts-tables.ts';
import { readRows } from '../../../common/tables/source-row.ts';
import { ProblemError } from '../../errors.ts';
import type { Predictor } from '../../ports.ts';
import { sha256Hex } from '../../sha256.ts';
import { check, decode, inChunks, readHeld, type Source, type SourceOptions } from './source.ts';

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
  const rows = createExtractJoin(contract, validate)(await readExtracts(parts, maxRows));
  return { rows: check([rows], validate), fingerprint: withFingerprint ? await fingerprintOf(parts) : null };
}

/** A file of a form, or a text in place of one. */
type Part = { name: string; file: string; content: Uint8Array<ArrayBuffer> };

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
    parts.set(name, { name, file, content });
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

async function readExtracts(parts: readonly Part[], maxRows: number): Promise<Map<string, Extract>> {
  const extracts = new Map<string, Extract>();
  for (const { name, file, content } of parts) extracts.set(name, { file, items: await readItems(content, maxRows) });
  return extracts;
}

/** The header of an extract and its rows. */
async function readItems(content: Uint8Array, maxRows: number): Promise<CsvItem[]> {
  const items: CsvItem[] = [];
  for await (const batch of readRows(createCsvReader(), decode(inChunks(content), 'invalid-csv'))) {
    for (const item of batch) items.push(item);
    if (items.length > maxRows + 1) throw new ProblemError('too-many-rows', { detail: describeRowLimit(maxRows) });
  }
  return items;
}

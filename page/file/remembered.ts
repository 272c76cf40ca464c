import type { ColumnMapping } from '../../common/tables/match-columns.ts';

/** What the browser remembers of files: how their columns are named, and which were predicted. None of their values. */

// A page in a frame may be denied its storage: nothing is remembered then.

type Model = { name: string };

/** Which column is which field, as the visitor chose for earlier files about this model. */
export function rememberedMapping({ name }: Model): ColumnMapping {
  return new Map(Object.entries(read(`columns ${name}`)));
}

/** Adds to what is remembered; an empty mapping forgets all of it. */
export function rememberMapping(model: Model, chosen: ColumnMapping): void {
  const all = chosen.size === 0 ? [] : [...rememberedMapping(model), ...chosen];
  write(`columns ${model.name}`, Object.fromEntries(all));
}

/** How many files are remembered. */
const MAX_FILES = 100;

/** When files of this digest were predicted, as an ISO time; null where they were not, as far as this browser knows. */
export function predictedBefore({ name }: Model, digest: string): string | null {
  return read(`predicted ${name}`)[digest] ?? null;
}

export function rememberPredicted({ name }: Model, digest: string, at: Date): void {
  const others = Object.entries(read(`predicted ${name}`)).filter(([known]) => known !== digest);
  write(`predicted ${name}`, Object.fromEntries([...others.slice(1 - MAX_FILES), [digest, at.toISOString()]]));
}

/** One digest of the content of files, whatever their names and order; null where the browser computes none. */
export async function digestOf(files: readonly Pick<Blob, 'arrayBuffer'>[]): Promise<string | null> {
  // A page that did not come over HTTPS has none.
  if (!globalThis.crypto?.subtle) return null;
  const digests = await Promise.all(
    files.map(async (file) => new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))),
  );
  return digests
    .map((bytes) => Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(''))
    .sort()
    .join(' ');
}

function read(key: string): Record<string, string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    const entries: [string, unknown][] = Object.entries(Object(stored));
    return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  } catch {
    return {};
  }
}

function write(key: string, value: Record<string, string>): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {}
}

import * as z from 'zod';
import { ACTIVE_POINTER_KEY, ActivePointer } from '../../common/contract/active-pointer.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import { within } from '../within.ts';

/** A pointer and its etag. The one that is loaded, whose etag was given, has not changed where the pointer is null. */
export type ReadPointer = { pointer: ActivePointer | null; etag: string };

/** How long the copy may stand in for R2: what it names may have been switched or withdrawn since. */
const COPY_SECONDS = 24 * 60 * 60;
/** An isolate that serves nothing yet waits so long for R2 before it looks at the copy. */
const PATIENCE_MS = 3000;

/** Reads which version is active. With the etag of the one that is loaded, R2 says whether another one is. */
export async function readPointer(bucket: R2Bucket, knownEtag: string | null): Promise<ReadPointer> {
  const object = await (knownEtag === null
    ? within(PATIENCE_MS, () => bucket.get(ACTIVE_POINTER_KEY))
    : bucket.get(ACTIVE_POINTER_KEY, { onlyIf: { etagDoesNotMatch: knownEtag } }));
  if (!object) throw new NoPointer(`no model is active: ${ACTIVE_POINTER_KEY} is not in the bucket`);
  if (!('body' in object)) {
    if (knownEtag !== null) return { pointer: null, etag: knownEtag };
    throw new Error(`${ACTIVE_POINTER_KEY} has no body`);
  }
  return { pointer: ActivePointer.parse(await object.json()), etag: object.etag };
}

/** R2 was reached, and names no version. */
export class NoPointer extends Error {}

/**
 * As `readPointer`, of an isolate that has no version yet. While R2 cannot be reached it takes what was last loaded in this
 * location, in the last 24 hours: it serves what isolates that run already do.
 */
export async function readFirstPointer(bucket: R2Bucket, workerVersion: string): Promise<ReadPointer> {
  try {
    return await readPointer(bucket, null);
  } catch (error) {
    const copy = error instanceof NoPointer ? null : await readCopy(workerVersion);
    if (!copy) throw error;
    logEvent('warn', 'active pointer read from a copy', { cause: causeOf(error) });
    return copy;
  }
}

const Copy = z.object({ pointer: ActivePointer, etag: z.string() });

/** Environments may share a cache; no two share an upload. */
function addressOf(workerVersion: string): string {
  return `https://models.invalid/${ACTIVE_POINTER_KEY}?worker=${workerVersion}`;
}

async function readCopy(workerVersion: string): Promise<ReadPointer | null> {
  try {
    const copy = await caches.default.match(addressOf(workerVersion));
    return Copy.safeParse(await copy?.json()).data ?? null;
  } catch {
    return null;
  }
}

/** Keeps a pointer whose version could be loaded. A cache that fails takes nothing away. */
export async function copyPointer(workerVersion: string, copy: z.infer<typeof Copy>): Promise<void> {
  const headers = { 'cache-control': `public, max-age=${COPY_SECONDS}` };
  await caches.default.put(addressOf(workerVersion), Response.json(copy, { headers })).catch(() => undefined);
}

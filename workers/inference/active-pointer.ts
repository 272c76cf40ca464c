import * as z from 'zod';
import { ACTIVE_POINTER_KEY, ActivePointer } from '../../common/contract/active-pointer.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import { withTimeout } from '../with-timeout.ts';

/** A pointer and its etag. The pointer is null if it has not changed since the etag that was given. */
export type PointerReading = { pointer: ActivePointer | null; etag: string; isCopy: boolean };

/** How long the copy may stand in for R2: the version that it names may have been replaced or withdrawn since. */
const COPY_SECONDS = 24 * 60 * 60;
/** How long an isolate without a version waits for R2 before it looks at the copy. */
const PATIENCE_MS = 3000;

/** Reads which version is active. Given the etag of the loaded one, R2 says whether the pointer has changed. */
export async function readActivePointer(bucket: R2Bucket, knownEtag: string | null): Promise<PointerReading> {
  const object = await (knownEtag === null
    ? withTimeout(PATIENCE_MS, () => bucket.get(ACTIVE_POINTER_KEY))
    : bucket.get(ACTIVE_POINTER_KEY, { onlyIf: { etagDoesNotMatch: knownEtag } }));
  if (!object) throw new NoPointer(`no model is active: ${ACTIVE_POINTER_KEY} is not in the bucket`);
  if (!('body' in object)) {
    if (knownEtag !== null) return { pointer: null, etag: knownEtag, isCopy: false };
    throw new Error(`${ACTIVE_POINTER_KEY} has no body`);
  }
  return { pointer: ActivePointer.parse(await object.json()), etag: object.etag, isCopy: false };
}

/** R2 answered, and names no version. */
class NoPointer extends Error {}

/**
 * Reads which version is active, for an isolate that has no version yet. While R2 cannot be reached it takes the pointer that was
 * last loaded in this location, in the last 24 hours. Running isolates serve that version, too.
 */
export async function readFirstActivePointer(bucket: R2Bucket, workerVersion: string): Promise<PointerReading> {
  try {
    return await readActivePointer(bucket, null);
  } catch (error) {
    const copy = error instanceof NoPointer ? null : await readCopy(workerVersion);
    if (!copy) throw error;
    logEvent('warn', 'active pointer read from a copy', { cause: causeOf(error) });
    return { ...copy, isCopy: true };
  }
}

const Copy = z.object({ pointer: ActivePointer, etag: z.string() });

/** Environments may share a cache, but never the upload of a Worker. */
function addressOf(workerVersion: string): string {
  return `https://models.invalid/${ACTIVE_POINTER_KEY}?worker=${workerVersion}`;
}

async function readCopy(workerVersion: string): Promise<z.infer<typeof Copy> | null> {
  try {
    const copy = await caches.default.match(addressOf(workerVersion));
    return Copy.safeParse(await copy?.json()).data ?? null;
  } catch {
    return null;
  }
}

/** Keeps a copy of a pointer that was obeyed. Ignores a cache that fails. */
export async function copyPointer(workerVersion: string, copy: z.infer<typeof Copy>): Promise<void> {
  const headers = { 'cache-control': `public, max-age=${COPY_SECONDS}` };
  await caches.default.put(addressOf(workerVersion), Response.json(copy, { headers })).catch(() => undefined);
}

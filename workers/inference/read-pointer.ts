import { waitUntil } from 'cloudflare:workers';
import { z } from 'zod';
import { ACTIVE_POINTER_KEY, ActivePointer } from '../../common/active-pointer.ts';
import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';

/** A pointer and its etag. The one that is loaded, whose etag was given, has not changed where the pointer is null. */
export type ReadPointer = { pointer: ActivePointer | null; etag: string };

/** How long the copy may stand in for R2: what it names may have been switched or withdrawn since. */
const COPY_SECONDS = 24 * 60 * 60;

/**
 * Reads which version is active. An isolate that has no version yet, while R2 cannot be reached, takes what was last read in
 * this location: it serves what isolates that run already do.
 */
export async function readPointer(
  bucket: R2Bucket,
  knownEtag: string | null,
  workerVersion: string,
): Promise<ReadPointer> {
  // Environments may share a cache; no two share an upload.
  const address = `https://models.invalid/${ACTIVE_POINTER_KEY}?worker=${workerVersion}`;
  let object: R2ObjectBody | R2Object | null;
  try {
    object = await bucket.get(
      ACTIVE_POINTER_KEY,
      knownEtag === null ? {} : { onlyIf: { etagDoesNotMatch: knownEtag } },
    );
  } catch (error) {
    const copy = knownEtag === null ? await readCopy(address) : null;
    if (!copy) throw error;
    logEvent('warn', 'active pointer read from a copy', { cause: causeOf(error) });
    return copy;
  }
  if (!object) throw new Error(`no model is active: ${ACTIVE_POINTER_KEY} is not in the bucket`);
  if (!('body' in object)) {
    if (knownEtag !== null) return { pointer: null, etag: knownEtag };
    throw new Error(`${ACTIVE_POINTER_KEY} has no body`);
  }
  const read = { pointer: ActivePointer.parse(await object.json()), etag: object.etag };
  waitUntil(writeCopy(address, read));
  return read;
}

const Copy = z.object({ pointer: ActivePointer, etag: z.string() });

async function readCopy(address: string): Promise<ReadPointer | null> {
  const copy = await caches.default.match(address).catch(() => undefined);
  return copy ? Copy.parse(await copy.json()) : null;
}

async function writeCopy(address: string, copy: z.infer<typeof Copy>): Promise<void> {
  const headers = { 'cache-control': `public, max-age=${COPY_SECONDS}` };
  await caches.default.put(address, Response.json(copy, { headers })).catch(() => undefined);
}

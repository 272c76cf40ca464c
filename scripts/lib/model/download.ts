import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../cli.ts';
import { startProgressBar } from '../progress-bar.ts';
import { type Hub, type HubFile, isListed, openDownload, toHubFailure } from './hub.ts';

/** Attempts at a download that breaks off or gives other bytes. */
const ATTEMPTS = 4;
const DELAY_MS = 300;

/**
 * Downloads a file of a commit into `directory`, with a progress bar. It keeps arrived bytes on disk, and continues a download
 * that broke off in this run or an earlier one. Refuses bytes that differ from the Hub's list.
 */
export async function download(hub: Hub, commit: string, file: HubFile, directory: string): Promise<Uint8Array> {
  const path = join(directory, commit, file.path);
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const bar = startProgressBar(`download ${file.path}`, file.bytes);

  const kept = await readFile(path).catch(() => null);
  if (kept && isListed(file, kept)) {
    bar.done('already there');
    return kept;
  }
  for (let attempt = 1; ; attempt++) {
    const bytes = await transfer(hub, commit, file, part, bar.update).catch((error: unknown) => {
      // The client has already repeated a request that the Hub refused.
      if (error instanceof UserError || attempt === ATTEMPTS)
        throw toHubFailure(error, hub, `Downloading ${file.path}`);
      return null;
    });
    if (bytes) {
      await rename(part, path);
      bar.done();
      return bytes;
    }
    await sleep(DELAY_MS * attempt);
  }
}

/** Continues the part on disk. Resolves to the whole file; rejects where the transfer broke off or gave other bytes. */
async function transfer(hub: Hub, commit: string, file: HubFile, part: string, report: (bytes: number) => void) {
  const from = await sizeOf(part);
  if (from < file.bytes || from === 0) {
    const stream = await openDownload(hub, commit, file.path, from);
    await pipeline(Readable.fromWeb(stream), counting(from, report), createWriteStream(part, { flags: 'a' }));
  }
  const bytes = await readFile(part);
  if (bytes.length < file.bytes) throw new Error('the connection ended early');
  if (isListed(file, bytes)) return bytes;
  // The part may be of another file, or the server may have sent the whole of it again: begin anew.
  await rm(part);
  throw new Error(
    `what arrived is not the file that the Hub lists (${bytes.length} bytes of ${file.bytes}, or another digest); it was thrown away`,
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function counting(from: number, report: (bytes: number) => void): Transform {
  let received = from;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, callback) {
      received += chunk.length;
      report(received);
      callback(null, chunk);
    },
  });
}

import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from './cli.ts';
import { explain, type Hub, type HubFile, isListed, openDownload } from './hub.ts';
import { startProgressBar } from './progress-bar.ts';

/** How often a download that breaks off midway is taken up again. */
const ATTEMPTS = 4;

/**
 * Downloads a file of a commit into `directory`, with a progress bar. What arrives is kept on disk, and a download that
 * breaks off, in this run or in an earlier one, goes on where it stopped. Refuses what is not the file that the Hub lists.
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
  for (let attempt = 1; (await sizeOf(part)) < file.bytes; attempt++) {
    const from = await sizeOf(part);
    try {
      const stream = await openDownload(hub, commit, file.path, from);
      await pipeline(Readable.fromWeb(stream), counting(from, bar.update), createWriteStream(part, { flags: 'a' }));
      if ((await sizeOf(part)) < file.bytes) throw new Error('the connection ended early');
    } catch (error) {
      // What the Hub itself refused, it was asked for often enough.
      if (error instanceof UserError || attempt === ATTEMPTS) throw explain(error, hub, `Downloading ${file.path}`);
    }
  }
  const bytes = await readFile(part);
  if (!isListed(file, bytes)) {
    await rm(part);
    throw new UserError(
      `Downloading ${file.path} failed: what arrived is not the file that the Hub lists (${bytes.length} bytes of ${file.bytes}, or another digest). It was thrown away; repeat the command.`,
    );
  }
  await rename(part, path);
  bar.done();
  return bytes;
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

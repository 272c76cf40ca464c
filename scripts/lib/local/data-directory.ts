import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What npm start keeps in its directory. */
const OWN = new Set([
  'api-key',
  'left-in-the-queue.json',
  'left-in-the-queue.json.new',
  'lock',
  'postgres',
  'prod',
  'v3',
  'worker.log',
]);

/** Makes a data directory that only its owner can enter, or takes away what others may do with one that is there. */
export async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await keepPrivate(directory);
  // Where wrangler kept the addresses of requests. They name people, and no erasure reached them.
  await rm(join(directory, 'v3/observability'), { recursive: true, force: true });
}

/**
 * Takes from everybody but the owner what they may do with the files and folders of npm start. The directory itself stays as
 * it is where it holds other things: it may be anybody's home.
 */
export async function keepPrivate(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names) if (OWN.has(name)) await close(join(directory, name));
  if (names.every((name) => OWN.has(name))) await closeOne(directory);
}

async function close(path: string): Promise<void> {
  if (!(await closeOne(path))) return;
  for (const name of await readdir(path)) await close(join(path, name));
}

/** Resolves to whether it is a directory. A link stays as it is, and so does its target. */
async function closeOne(path: string): Promise<boolean> {
  const stats = await lstat(path);
  const ownersPart = stats.mode & 0o700;
  if (!stats.isSymbolicLink() && (stats.mode & 0o777) !== ownersPart) await chmod(path, ownersPart);
  return stats.isDirectory();
}

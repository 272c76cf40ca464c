import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where npm start keeps everything about the repository's own model. */
export const DATA_DIRECTORY = '.local';
/** The data directories of other models, one each, in DATA_DIRECTORY. */
const MODELS = 'models';
const PROD = 'prod';

/** The data directory of a model that was named: one for each name, so that no history holds predictions of two models. */
export function dataDirectoryOf(modelName: string): string {
  return join(DATA_DIRECTORY, MODELS, modelName);
}

/** Where npm start -- --env prod keeps its own things in a data directory; the model store is shared. */
export function prodDirectoryOf(directory: string): string {
  return join(directory, PROD);
}

/** All data directories that are there. */
export async function listDataDirectories(): Promise<string[]> {
  const names = await readdir(join(DATA_DIRECTORY, MODELS)).catch(() => []);
  const directories = [DATA_DIRECTORY, ...names.map(dataDirectoryOf)];
  return [...directories, ...directories.map(prodDirectoryOf)];
}

/** What npm start keeps in its directory. */
const OWN = new Set([
  'api-key',
  'left-in-the-queue.json',
  'left-in-the-queue.json.new',
  'lock',
  'postgres',
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
  // A directory of another model, or of prod, is closed by the npm start that uses it: its files come and go.
  if (names.every((name) => OWN.has(name) || name === MODELS || name === PROD)) await closeOne(directory);
}

/** The model store is shared with a prod that may run: a file that went meanwhile is closed to everybody. */
async function close(path: string): Promise<void> {
  try {
    if (!(await closeOne(path))) return;
    for (const name of await readdir(path)) await close(join(path, name));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Resolves to whether it is a directory. A link stays as it is, and so does its target. */
async function closeOne(path: string): Promise<boolean> {
  const stats = await lstat(path);
  const ownersPart = stats.mode & 0o700;
  if (!stats.isSymbolicLink() && (stats.mode & 0o777) !== ownersPart) await chmod(path, ownersPart);
  return stats.isDirectory();
}

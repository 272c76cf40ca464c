import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Backend } from '../../scripts/lib/database/neon-endpoint.ts';
import { backendOf } from '../../scripts/lib/database/postgres-backends.ts';

const MODULES = resolve(import.meta.dirname, '../../node_modules');

/**
 * An embedded Postgres in memory, empty. It starts from the files of one that was made before: to make them takes four times
 * as long as to load them.
 */
export async function openTestDatabase(): Promise<Backend> {
  return backendOf(await PGlite.create({ loadDataDir: new Blob([await readTemplate()]) }));
}

/** The files of an empty Postgres, as a tar archive. They are made once for each version of the package. */
async function readTemplate(): Promise<Buffer<ArrayBuffer>> {
  const { version }: { version: string } = JSON.parse(
    await readFile(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8'),
  );
  const path = join(MODULES, `.cache/pglite/${version}.tar`);
  try {
    return await readFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const database = await PGlite.create();
  const template = Buffer.from(await (await database.dumpDataDir('none')).arrayBuffer());
  await database.close();
  await mkdir(dirname(path), { recursive: true });
  // Whole, or not at all: other tests may read it at the same time.
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, template);
  await rename(temporary, path);
  return template;
}

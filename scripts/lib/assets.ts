import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { bundlePage } from './bundle.ts';

const PAGE = resolve(import.meta.dirname, '../../page');
/** The source of the page of /docs. */
const DOCS = resolve(import.meta.dirname, '../../page/docs');
const SWAGGER_UI = resolve(import.meta.dirname, '../../node_modules/swagger-ui-dist');

/** A file that the Worker serves at `/path`; `_headers` is not served, but says what headers the others have. */
export type Asset = { path: string; bytes: Buffer };

/** The page, that of /docs, and all that they need, sorted by path. */
export async function collectAssets(): Promise<Asset[]> {
  const page = (file: string) => readFile(join(DOCS, file));
  const library = (file: string) => readFile(join(SWAGGER_UI, file));
  const licences = ['NOTICE', 'LICENSE', 'swagger-ui-bundle.js.LICENSE.txt'];
  const files = [
    ...(await bundlePage(PAGE, '/')),
    { path: '_headers', bytes: await page('_headers') },
    { path: 'docs.html', bytes: await page('docs.html') },
    { path: 'docs/page.css', bytes: await page('page.css') },
    { path: 'docs/page.js', bytes: await page('page.js') },
    { path: 'docs/swagger-ui-bundle.js', bytes: withoutSourceMap(await library('swagger-ui-bundle.js')) },
    // The bundle names this file, and its licence asks for the others to go along.
    {
      path: 'docs/swagger-ui-bundle.js.LICENSE.txt',
      bytes: Buffer.concat(await Promise.all(licences.map(library))),
    },
    { path: 'docs/swagger-ui.css', bytes: withoutSourceMap(await library('swagger-ui.css')) },
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The maps are larger than all else together, and are not served: a browser must not ask for them. */
function withoutSourceMap(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString().replace(/\n(?:\/\/|\/\*)# sourceMappingURL=.*\s*$/, '\n'));
}

/**
 * Makes `folder` hold these files and no others. Several builds may run at once while a Worker serves the folder: a present
 * file with the same bytes stays untouched, and a new one appears whole or not at all.
 */
export async function writeAssets(folder: string, assets: readonly Asset[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(`${resolve(folder)}-`);
  try {
    for (const [i, { path, bytes }] of assets.entries()) {
      const target = join(folder, path);
      const present = await readFile(target).catch(() => null);
      if (present?.equals(bytes)) continue;
      await mkdir(dirname(target), { recursive: true });
      await writeFile(join(scratch, String(i)), bytes);
      await rename(join(scratch, String(i)), target);
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
  const wanted = new Set(assets.map(({ path }) => path));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(path.slice(join(folder, '/').length))) await rm(path, { force: true });
  }
}

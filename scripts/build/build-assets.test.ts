import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asset, collectAssets, writeAssets } from '../lib/assets.ts';

let directory: string;
let assets: Asset[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assets-'));
  assets = await collectAssets();
});
afterAll(() => rm(directory, { recursive: true }));

const text = (path: string) => String(assets.find((it) => it.path === path)?.bytes);
/** What index.html loads before anything is looked at: its scripts with what they import, and its styles. */
function firstLoad(): string[] {
  const named = Array.from(text('index.html').matchAll(/(?:src|href)="\/(assets[^"]*)"/g), ([, path]) => String(path));
  const paths = new Set(['index.html', ...named]);
  for (const path of paths) {
    if (!path.endsWith('.js')) continue;
    for (const [, file] of text(path).matchAll(/\b(?:import|from)\s*["']\.\/([^"']+)["']/g))
      paths.add(`assets/${file}`);
  }
  return [...paths];
}
const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('the static files of the Worker', () => {
  it('are the pages and what they load, and nothing that an address of the API could be taken for', () => {
    const loaded = Array.from(text('docs.html').matchAll(/(?:src|href)="\/(docs[^"]*)"/g), ([, path]) => path);
    const licences = 'docs/swagger-ui-bundle.js.LICENSE.txt';
    const others = assets.map(({ path }) => path).filter((path) => !path.startsWith('assets/'));
    expect(others).toEqual(['_headers', 'docs.html', ...loaded, licences, 'index.html'].sort());
    for (const path of firstLoad()) expect(assets.map((it) => it.path)).toContain(path);
  });

  it('name no other host to load from, and no source map that is not there', () => {
    const styles = assets.map(({ path }) => path).filter((path) => /^assets\/.*\.css$/.test(path));
    expect(styles.length).toBeGreaterThan(0);
    for (const path of ['_headers', 'docs.html', 'docs/page.css', 'docs/page.js', 'index.html', ...styles]) {
      expect(text(path), path).not.toMatch(/https?:|["'(]\/\//);
    }
    expect(text('docs/swagger-ui.css')).not.toMatch(/@import|url\((?!["']?data:)|sourceMappingURL/);
    expect(text('docs/swagger-ui-bundle.js')).not.toContain('sourceMappingURL');
  });

  it('are small: what the page needs to start, and its contract, have less than 150 KB where they are compressed', async () => {
    const paths = firstLoad();
    const [html, script, style, ...shared] = paths;
    expect([html, script, style]).toEqual([
      'index.html',
      expect.stringMatching(/\.js$/),
      expect.stringMatching(/\.css$/),
    ]);
    // What the other tabs need, too, is a file of its own.
    expect(shared).toEqual([expect.stringMatching(/\.js$/)]);
    // Charts and the other tabs are fetched once they are looked at.
    for (const path of paths) expect(text(path)).not.toContain('uplot');
    const sizes = [...paths.map((path) => text(path)), await readFile('model/contract.json', 'utf8')].map(
      (content) => gzipSync(content).length,
    );
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000);
  });

  it('have headers that let them load from nowhere else and be framed by nobody', () => {
    const headers = text('_headers');
    expect(headers).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(headers).toContain("frame-ancestors 'none'");
    expect(headers).not.toContain('unsafe');
    expect(headers).toMatch(/^ {2}X-Content-Type-Options: nosniff$/m);
    expect(headers).toMatch(/^ {2}Referrer-Policy: no-referrer$/m);
  });

  it('go along with the licences of the libraries', () => {
    const licences = text('docs/swagger-ui-bundle.js.LICENSE.txt');
    for (const part of ['SmartBear', 'Apache License', 'react']) expect(licences).toContain(part);
  });

  it('replace an earlier build, without touching what is the same', async () => {
    const folder = join(directory, 'built');
    await writeAssets(folder, assets);
    const before = await stat(join(folder, 'docs/page.js'));
    await writeFile(join(folder, 'docs/old.js'), '');
    await writeFile(join(folder, 'docs.html'), 'changed');
    await writeAssets(folder, assets);
    expect(await filesIn(folder)).toEqual(assets.map(({ path }) => path));
    expect(await readFile(join(folder, 'docs.html'), 'utf8')).toBe(text('docs.html'));
    expect((await stat(join(folder, 'docs/page.js'))).mtimeMs).toBe(before.mtimeMs);
  });

  it('may be built by several commands at once', async () => {
    const folder = join(directory, 'shared');
    await Promise.all(Array.from({ length: 8 }, () => writeAssets(folder, assets)));
    for (const { path, bytes } of assets) expect(bytes.equals(await readFile(join(folder, path))), path).toBe(true);
    expect((await readdir(directory)).sort()).toEqual(['built', 'shared']);
  });
});

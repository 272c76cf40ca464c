import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asset, collectAssets, writeAssets } from './lib/assets.ts';

let directory: string;
let assets: Asset[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assets-'));
  assets = await collectAssets();
});
afterAll(() => rm(directory, { recursive: true }));

const text = (path: string) => String(assets.find((it) => it.path === path)?.bytes);
const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('the static files of the Worker', () => {
  it('are the page and what it loads, and nothing that an address of the API could be taken for', () => {
    const loaded = Array.from(text('docs.html').matchAll(/(?:src|href)="\/(docs[^"]*)"/g), ([, path]) => path);
    const licences = 'docs/swagger-ui-bundle.js.LICENSE.txt';
    expect(assets.map(({ path }) => path)).toEqual(['_headers', 'docs.html', ...loaded, licences].sort());
  });

  it('name no other host to load from, and no source map that is not there', () => {
    for (const path of ['_headers', 'docs.html', 'docs/page.css', 'docs/page.js']) {
      expect(text(path), path).not.toMatch(/https?:|["'(]\/\//);
    }
    expect(text('docs/swagger-ui.css')).not.toMatch(/@import|url\((?!["']?data:)|sourceMappingURL/);
    expect(text('docs/swagger-ui-bundle.js')).not.toContain('sourceMappingURL');
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

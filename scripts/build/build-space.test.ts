import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callScript } from '../../tests/kit/call-script.ts';
import { makeModelFolder } from '../../tests/kit/model-folders.ts';
import { type Finished, runScript } from '../../tests/kit/run-script.ts';

let directory: string;
let out: string;
let built: Finished;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'space-'));
  out = join(directory, 'built');
  built = await runScript('build-space', [...optionsFor('model'), '--repo', 'acme/attrition'], NO_REPOSITORY);
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

const NO_REPOSITORY = { HF_MODEL_REPO: '' };
const optionsFor = (model: string) => ['--model', model, '--out', out, '--json'];
const build = (model: string, ...options: string[]) =>
  callScript('build-space', [...optionsFor(model), ...options], NO_REPOSITORY);
const text = (path: string) => readFile(join(out, path), 'utf8');
const names = async () => (await readdir(out, { recursive: true })).sort();

describe('build-space', () => {
  it('lists what it built, with sizes', async () => {
    expect([built.code, built.stderr]).toEqual([0, expect.stringContaining('253 golden cases and examples')]);
    const { files, totalBytes } = JSON.parse(built.stdout);
    const sizes = await Promise.all(
      (await names())
        .filter((path) => path !== 'assets')
        .map(async (path) => ({ path, bytes: (await stat(join(out, path))).size })),
    );
    expect(files.toSorted(byPath)).toEqual(sizes.toSorted(byPath));
    expect(totalBytes).toBe(sizes.reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it('holds each runtime once, and not inside the script', async () => {
    const all = await names();
    expect(all.filter((path) => path.endsWith('.wasm'))).toEqual([
      expect.stringMatching(/^assets\/ort-full-[\w-]+\.wasm$/),
      expect.stringMatching(/^assets\/ort-wasm-simd-threaded-[\w-]+\.wasm$/),
    ]);
    const scripts = all.filter((path) => /\.m?js$/.test(path));
    expect(scripts.length).toBeGreaterThan(1);
    for (const path of scripts) expect((await stat(join(out, path))).size, path).toBeLessThan(350_000);
  });

  it('holds the model as it was published', async () => {
    for (const file of ['model.onnx', 'contract.json']) {
      expect((await readFile(join(out, file))).equals(await readFile(join('model', file)))).toBe(true);
    }
  });

  it('refers to files beside it and to no other host', async () => {
    const page = await text('index.html');
    expect(page).not.toMatch(/https?:|["']\/\//);
    const addresses = Array.from(page.matchAll(/(?:src|href)="([^"]*)"/g), ([, address]) => address);
    const beside = (await names()).map((path) => `./${path}`);
    expect(addresses.filter((address) => !beside.includes(address ?? ''))).toEqual(['data:,']);
    expect(addresses.map((address) => /[^.]*$/.exec(address ?? '')?.[0])).toEqual(
      expect.arrayContaining(['js', 'css']),
    );
    expect(page).toContain("connect-src 'self'");
    const styles = (await names()).filter((path) => path.endsWith('.css'));
    for (const style of styles) expect(await text(style), style).not.toMatch(/https?:|@import|url\(/);
  });

  it("is configured by its README's front matter, and described from the contract", async () => {
    const [, frontMatter = '', body] = /^---\n(.*?)\n---\n(.*)$/s.exec(await text('README.md')) ?? [];
    const fields = Object.fromEntries(
      frontMatter.split('\n').map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), JSON.parse(line.slice(colon + 2))];
      }),
    );
    expect(fields).toEqual({
      title: 'Attrition at TechNova Partners',
      emoji: expect.any(String),
      colorFrom: 'indigo',
      colorTo: 'blue',
      sdk: 'static',
      app_file: 'index.html',
      pinned: false,
      license: 'mit',
      models: ['acme/attrition'],
      short_description: expect.stringMatching(/^.{10,60}$/),
    });
    expect(body).toContain('`technova-attrition` 1.0.2');
  });

  it('replaces an earlier build, which may link to no model', async () => {
    await writeFile(join(out, 'assets/old.js'), '');
    expect((await build('model')).code).toBe(0);
    expect(await names()).not.toContain('assets/old.js');
    expect(await text('README.md')).not.toContain('models:');
  });

  it('does not build with a model that fails its own golden cases', async () => {
    const wrong = await makeModelFolder(directory, '1.0.2', ({ golden: [first] }) => {
      if (first) first.probability += first.probability > 0.5 ? -1e-3 : 1e-3;
    });
    const before = await text('contract.json');
    const refused = await build(wrong);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('1 of 253 golden cases and examples')]);
    expect(await text('contract.json')).toBe(before);
  });

  it('does not build into a folder of something else', async () => {
    const other = join(directory, 'other');
    await mkdir(other);
    await writeFile(join(other, 'thesis.txt'), 'text');
    const refused = await build('model', '--out', other);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('holds other files')]);
    expect(await readdir(other)).toEqual(['thesis.txt']);
  });

  it('names a wrong repository', async () => {
    const refused = await build('model', '--repo', 'attrition');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('OWNER/NAME')]);
  });
});

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1;
}

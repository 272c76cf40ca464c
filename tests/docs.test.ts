import { globSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const NOT_OURS = ['**/node_modules', '**/.venv', '**/.pytest_cache', '.git', '.local', '.wrangler', 'dist'];
const paths = globSync('**/*.md', { exclude: NOT_OURS }).sort();
const documents = new Map(
  await Promise.all(paths.map(async (path): Promise<[string, string]> => [path, await readFile(path, 'utf8')])),
);
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));

const LINK = /!?\[(?:[^\]`]|`[^`]*`)*\]\(<?([^)>\s]+)>?\)/g;
const EXTERNAL = /^[a-z][a-z+.-]*:/i;

/** Markdown in which code, whose brackets are no links, is blank. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^ *```.*?^ *```/gms, '').replaceAll(/`[^`\n]*`/g, '``');
}

function linksOf(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(LINK)].flatMap(([, target = '']) =>
    EXTERNAL.test(target) ? [] : [target],
  );
}

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/^#{1,6} +(.+?) *$/gm);
  return new Set([...headings].map(([, heading = '']) => slugOf(heading)));
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

async function isBroken(path: string, target: string): Promise<boolean> {
  const [file = '', anchor] = target.split('#');
  const place = file === '' ? path : join(dirname(path), decodeURIComponent(file));
  if (!(await stat(place).catch(() => null))) return true;
  return anchor !== undefined && !anchorsOf(documents.get(place) ?? '').has(anchor);
}

const NPM_RUN = /\bnpm run (?:-s |--silent )?([a-z][\w:-]*)/g;
const NPM_SHORTHAND = /\bnpm (test|start)\b/g;

function scriptsIn(text: string): string[] {
  return [NPM_RUN, NPM_SHORTHAND].flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
}

/** Names in capitals: whole words, or those alone that are made of several. */
const CAPITALS = /\b[A-Z][A-Z0-9_]{3,}\b/g;
const JOINED_CAPITALS = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([name]) => name))];
}

describe('the documentation', () => {
  it('has the pages that the README promises', () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        'CHANGELOG.md',
        'CONTRIBUTING.md',
        'README.fr.md',
        'README.md',
        'SECURITY.md',
        ...['api', 'architecture', 'configuration', 'limits', 'models', 'operations'].map((page) => `docs/${page}.md`),
      ]),
    );
    expect(linksOf(documents.get('README.md') ?? '')).toEqual(
      expect.arrayContaining(paths.filter((path) => path.startsWith('docs/'))),
    );
  });

  it.each(paths)('has no broken link or anchor in %s', async (path) => {
    const links = linksOf(documents.get(path) ?? '');
    const broken = await Promise.all(links.map((target) => isBroken(path, target)));
    expect(links.filter((_, i) => broken[i])).toEqual([]);
  });

  it('has a README of at most 120 lines', () => {
    expect(documents.get('README.md')?.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  // The changelog may name a script that a later version no longer has.
  it.each(paths.filter((path) => path !== 'CHANGELOG.md'))('names scripts in %s that package.json has', (path) => {
    expect(scriptsIn(documents.get(path) ?? '').filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('explains every binding, secret and variable of wrangler.toml', async () => {
    const settings = (await readFile('wrangler.toml', 'utf8')).replaceAll(/#.*$/gm, '');
    const names = namesIn(settings, CAPITALS);
    expect(names).toEqual(expect.arrayContaining(['MODELS', 'REQUEST_LIMIT', 'DATABASE_URL', 'AWAIT_RECORDING']));
    expect(undocumented(names)).toEqual([]);
  });

  it('explains every setting that .dev.vars.example names', async () => {
    const names = namesIn(await readFile('.dev.vars.example', 'utf8'), JOINED_CAPITALS);
    expect(names).toEqual(expect.arrayContaining(['DATABASE_URL', 'API_KEYS', 'HF_TOKEN']));
    expect(undocumented(names)).toEqual([]);
  });
});

function undocumented(names: readonly string[]): string[] {
  const page = documents.get('docs/configuration.md') ?? '';
  return names.filter((name) => !page.includes(`\`${name}\``));
}

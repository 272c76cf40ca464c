import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Checkout, makeCheckout } from '../../tests/kit/git-checkout.ts';
import { runScript, startScript } from '../../tests/kit/run-script.ts';
import type { Git } from '../lib/git.ts';

// Neither is formatted as a formatter would: a release changes the version numbers and nothing else.
const MANIFEST = `{ "name": "app",
    "scripts": {"version": "1.1.0"},  "version" : "1.1.0",
  "dependencies": { "other": "1.1.0" } }`;
const LOCK = `{
"name": "app", "version": "1.1.0", "lockfileVersion": 3,
  "packages": {
    "": { "name": "app", "version": "1.1.0" },
    "node_modules/other": { "version": "1.1.0" }
  }
}
`;
const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [1.1.0] - 2026-01-01\n\n- Before.\n';

let checkout: Checkout;
let parent: string;
let directory: string;
let git: Git;
let read: Checkout['read'];
beforeEach(async () => {
  checkout = await makeCheckout();
  ({ parent, directory, git, read } = checkout);
  await checkout.commit('start', { 'package.json': MANIFEST, 'package-lock.json': LOCK, 'CHANGELOG.md': CHANGELOG });
});
afterEach(() => checkout.remove());

const release = (...options: string[]) =>
  runScript('release', ['--directory', directory, '--check-command', 'exit 0', ...options]);

/** Everything that a release may change. */
const state = async () => ({
  head: await git('rev-parse', 'HEAD'),
  branch: await git('branch', '--show-current'),
  tags: await git('tag'),
  index: await git('write-tree'),
  changes: await git('status', '--porcelain'),
  files: await Promise.all(['package.json', 'package-lock.json', 'CHANGELOG.md'].map((name) => read(name))),
});

async function hook(name: string, script: string): Promise<void> {
  const path = join(directory, '.git', 'hooks', name);
  await mkdir(join(directory, '.git', 'hooks'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

async function makeOrigin(): Promise<void> {
  await checkout.addOrigin();
  await git('push', '--quiet', 'origin', 'dev');
}

async function expectRelease(version: string): Promise<void> {
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('log', '-2', '--format=%s')).toBe(`chore: release ${version}\nstart`);
  expect(await git('cat-file', '-t', `v${version}`)).toBe('tag');
  expect(await git('rev-parse', `v${version}^{commit}`)).toBe(await git('rev-parse', 'HEAD'));
}

describe('release', () => {
  it('moves the entries, raises the version, commits and tags', async () => {
    const done = await release('1.2.0');
    expect([done.code, done.stderr]).toEqual([0, expect.stringContaining('exit 0')]);
    expect(done.stdout).toContain('git push --atomic origin dev v1.2.0');
    await expectRelease('1.2.0');
    expect(await git('diff', '--name-only', 'HEAD~')).toBe('CHANGELOG.md\npackage-lock.json\npackage.json');
    expect(await read('package.json')).toBe(MANIFEST.replace('"version" : "1.1.0"', '"version" : "1.2.0"'));
    expect(await read('package-lock.json')).toBe(
      LOCK.replaceAll('"app", "version": "1.1.0"', '"app", "version": "1.2.0"'),
    );
    const heading = expect.stringMatching(/^## \[1\.2\.0\] - \d{4}-\d\d-\d\d$/);
    expect((await read('CHANGELOG.md')).split('\n').slice(2, 9)).toEqual([
      '## [Unreleased]',
      '',
      heading,
      '',
      '### Added',
      '',
      '- A thing.',
    ]);

    const again = await release('1.3.0');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is empty')]);
  });

  it('checks everything and changes nothing with --dry-run', async () => {
    const before = await state();
    const done = await release('2.0.0', '--dry-run', '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ released: false, version: '2.0.0', tag: 'v2.0.0' });
    expect(await state()).toEqual(before);
  });

  it('accepts an origin that has nothing that is missing here', async () => {
    await makeOrigin();
    await git('commit', '--quiet', '--allow-empty', '--message', 'start');
    expect((await release('1.2.0')).code).toBe(0);
    await expectRelease('1.2.0');
  });

  const nothing = async () => {};
  it.each<[string, () => Promise<unknown>, string[], number, string]>([
    ['no version', nothing, [], 2, 'Give one version'],
    ['two versions', nothing, ['1.2.0', '1.3.0'], 2, 'Give one version'],
    ['a version that is none', nothing, ['v1.2.0'], 2, 'Give one version'],
    ['a pre-release', nothing, ['1.2.0-rc.1'], 2, 'Give one version'],
    ['an unknown option', nothing, ['1.2.0', '--force'], 2, "Unknown option '--force'"],
    ['the current version', nothing, ['1.1.0'], 1, '1.1.0 is not above 1.1.0'],
    ['a lower version', nothing, ['1.0.12'], 1, '1.0.12 is not above 1.1.0'],
    [
      'another branch',
      () => git('switch', '--quiet', '-c', 'feature/x'),
      ['1.2.0'],
      1,
      'this checkout is on feature/x',
    ],
    ['no branch', () => git('switch', '--quiet', '--detach'), ['1.2.0'], 1, 'this checkout is on no branch'],
    ['a changed file', () => checkout.write('package.json', `${MANIFEST}\n`), ['1.2.0'], 1, 'uncommitted changes'],
    ['a new file', () => checkout.write('new.txt', ''), ['1.2.0'], 1, '?? new.txt'],
    ['a tag that exists', () => git('tag', 'v1.2.0'), ['1.2.0'], 1, 'exists already in this repository'],
    ['failing checks', nothing, ['1.2.0', '--check-command', 'exit 3'], 1, '"exit 3" failed, so nothing was released'],
    ['checks that leave files', nothing, ['1.2.0', '--check-command', 'touch made'], 1, '?? made'],
    [
      'checks during which somebody commits',
      nothing,
      ['1.2.0', '--check-command', 'git commit -q --allow-empty -m x'],
      1,
      'dev moved on',
    ],
    [
      'a tag that origin has',
      async () => {
        await makeOrigin();
        await git('push', '--quiet', 'origin', 'HEAD:refs/tags/v1.2.0');
      },
      ['1.2.0'],
      1,
      'exists already in origin',
    ],
    [
      'a branch behind origin',
      async () => {
        await git('commit', '--quiet', '--allow-empty', '--message', 'more');
        await makeOrigin();
        await git('reset', '--quiet', '--hard', 'HEAD~');
      },
      ['1.2.0'],
      1,
      'Run git pull',
    ],
    [
      'an origin that does not answer',
      () => git('remote', 'add', 'origin', join(parent, 'nowhere')),
      ['1.2.0'],
      1,
      'git ls-remote origin',
    ],
  ])('refuses %s', async (_, prepare, options, code, message) => {
    await prepare();
    const before = await state();
    const done = await release(...options);
    expect([done.code, done.stderr]).toEqual([code, expect.stringContaining(message)]);
    const { head, changes, ...after } = await state();
    expect({ ...before, ...after }).toEqual(before);
    // Two of these checks do this themselves.
    if (!message.includes('moved on')) expect(head).toBe(before.head);
    if (!message.includes('made')) expect(changes).toBe(before.changes);
  });

  it.each([
    ['the commit', 'pre-commit', 'exit 1'],
    ['the commit, half-way', 'commit-msg', 'echo no >&2; exit 1'],
    ['the tag', 'reference-transaction', 'if [ "$1" = prepared ] && grep -q refs/tags/; then exit 1; fi'],
  ])('leaves the checkout as it was when %s fails', async (_, name, script) => {
    await hook(name, script);
    const before = await state();
    const done = await release('1.2.0');
    expect([done.code, done.stderr]).toEqual([1, expect.stringContaining('the checkout is as it was before')]);
    expect(await state()).toEqual(before);

    await rm(join(directory, '.git', 'hooks', name));
    expect((await release('1.2.0')).code).toBe(0);
    await expectRelease('1.2.0');
  });

  it.each([
    ['finishes', 'exit 0', 0],
    ['undoes', 'exit 1', 1],
  ])('%s what a signal interrupts', async (_, ending, code) => {
    const pidFile = join(parent, 'pid');
    await hook('pre-commit', `kill -INT $(cat '${pidFile}')\nkill -TERM $(cat '${pidFile}')\nsleep 0.2\n${ending}`);
    const before = await state();
    const waitForPid = `until [ -s '${pidFile}' ]; do sleep 0.05; done`;
    const { child, finished } = startScript('release', [
      '1.2.0',
      '--directory',
      directory,
      '--check-command',
      waitForPid,
    ]);
    await writeFile(pidFile, String(child.pid));
    expect((await finished).code).toBe(code);
    if (code === 0) await expectRelease('1.2.0');
    else expect(await state()).toEqual(before);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callScript } from '../../tests/kit/call-script.ts';
import { type Checkout, makeCheckout } from '../../tests/kit/git-checkout.ts';
import { runScript } from '../../tests/kit/run-script.ts';
import type { Git } from '../lib/git.ts';

const REPO = 'acme/app';

let checkout: Checkout;
let git: Git;
let commit: Checkout['commit'];
/** The commit of prod that a push replaces. */
let base: string;

// A developer's clone, and origin, with a release on dev that prod has, and another that it has not.
beforeEach(async () => {
  checkout = await makeCheckout();
  ({ git, commit } = checkout);
  await checkout.addOrigin();
  await commit('start', { 'a.txt': 'one' });
  await git('branch', 'prod');
  await release('1.0.0');
  await git('switch', '--quiet', 'prod');
  await mergeDev();
  base = await git('rev-parse', 'HEAD');
  await git('switch', '--quiet', 'dev');
  await commit('feat: more', { 'a.txt': 'two' });
  await release('1.1.0');
  await git('push', '--quiet', '--tags', 'origin', 'dev', 'prod');
  await git('switch', '--quiet', 'prod');
});
afterEach(() => checkout.remove());

async function release(version: string): Promise<void> {
  const changelog = `# Changelog\n\n## [Unreleased]\n\n## [${version}] - 2026-01-01\n\n- A thing.\n`;
  await commit(`chore: release ${version}`, {
    'package.json': JSON.stringify({ version }),
    'CHANGELOG.md': changelog,
  });
  await git('tag', '--annotate', `v${version}`, '--message', version);
}

const mergeDev = () => git('merge', '--quiet', '--no-ff', '--message', 'Merge dev', 'dev');

const judge = (options: readonly string[]) =>
  callScript('check-source', ['--directory', checkout.directory, ...options]);
/** Judges a push of what is checked out to prod. */
const judgePush = (...options: string[]) => judge(['--base', base, '--head', 'HEAD', ...options]);
const judgePullRequest = (headRef: string, headRepo = REPO, ...options: string[]) =>
  judge(['--head', headRef, '--head-ref', headRef, '--head-repo', headRepo, '--repo', REPO, ...options]);
const refused = (message: string) => [1, expect.stringContaining(message)];

describe('check-source, of a pull request into prod', () => {
  it("accepts dev's", async () => {
    const done = await judgePullRequest('dev', REPO, '--released');
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringMatching(/^[0-9a-f]{7} comes from dev, as v1\.1\.0\.\n$/),
    ]);
  });

  it("refuses a feature branch's, also where all its commits are on dev", async () => {
    await git('switch', '--quiet', '--create', 'feature/x', 'dev');
    const merged = await judgePullRequest('feature/x');
    expect([merged.code, merged.stderr]).toEqual(refused('only; this one comes from feature/x'));
    await commit('feat: x', { 'x.txt': 'x' });
    const done = await judgePullRequest('feature/x');
    expect([done.code, done.stderr]).toEqual(refused('only; this one comes from feature/x'));
  });

  it("refuses a fork's dev", async () => {
    const done = await judgePullRequest('dev', 'somebody/app');
    expect([done.code, done.stderr]).toEqual(
      refused('the branch dev of acme/app only; this one comes from somebody/app'),
    );
  });

  it('refuses a branch that is called dev and has commits that dev has not', async () => {
    await git('switch', '--quiet', 'dev');
    await commit('feat: not pushed', { 'x.txt': 'x' });
    const done = await judgePullRequest('dev');
    expect([done.code, done.stderr]).toEqual(refused('is not on dev'));
  });

  it('refuses a dev that went on after the release', async () => {
    await git('switch', '--quiet', 'dev');
    await commit('feat: later', { 'x.txt': 'x' });
    await git('push', '--quiet', 'origin', 'dev');
    const done = await judgePullRequest('dev', REPO, '--released');
    expect([done.code, done.stderr]).toEqual(refused('is not a release: v1.1.0 is '));
    expect((await judgePullRequest('dev')).code).toBe(0);
  });

  it('wants the repositories of a pull request, and names that are none of its options', async () => {
    expect((await judge(['--head-ref', 'dev'])).code).toBe(2);
    const done = await runScript('check-source', ['--directory', checkout.directory, '--head=--all']);
    expect([done.code, done.stderr]).toEqual(refused('This checkout has no commit --all'));
  });
});

describe('check-source, of a push to prod', () => {
  it('accepts a merge of dev', async () => {
    await mergeDev();
    const done = await judgePush('--released', '--json');
    expect([done.code, JSON.parse(done.stdout)]).toEqual([
      0,
      {
        accepted: true,
        head: await git('rev-parse', 'HEAD'),
        source: await git('rev-parse', 'v1.1.0^{commit}'),
        release: 'v1.1.0',
      },
    ]);
  });

  it('accepts a merge of dev that dev has left behind, and a push of nothing', async () => {
    expect((await judgePush()).code).toBe(0);
    await mergeDev();
    await git('switch', '--quiet', 'dev');
    await commit('feat: later', { 'x.txt': 'x' });
    await git('push', '--quiet', 'origin', 'dev');
    await git('switch', '--quiet', 'prod');
    expect((await judgePush('--released')).code).toBe(0);
  });

  it('accepts commits of dev themselves, as the first push of prod and a tag are', async () => {
    const none = '0'.repeat(40);
    const done = await judge(['--base', none, '--head', 'v1.1.0', '--released']);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining('as v1.1.0')]);
  });

  it('refuses a direct push, also before a merge of dev', async () => {
    await commit('fix: in a hurry', { 'x.txt': 'x' });
    const done = await judgePush();
    expect([done.code, done.stderr]).toEqual(refused('fix: in a hurry'));
    expect(done.stderr).toContain('merge dev into prod with a merge commit');
    await mergeDev();
    const merged = await judgePush();
    expect([merged.code, merged.stderr]).toEqual(refused('fix: in a hurry'));
  });

  it("refuses dev's changes squashed, and picked", async () => {
    await git('merge', '--quiet', '--squash', 'dev');
    await git('commit', '--quiet', '--message', 'Squash dev');
    const squashed = await judgePush();
    expect([squashed.code, squashed.stderr]).toEqual(refused('Squash dev'));
    await git('reset', '--quiet', '--hard', base);
    await git('cherry-pick', 'dev~1');
    const picked = await judgePush();
    expect([picked.code, picked.stderr]).toEqual(refused('feat: more'));
  });

  it('refuses a merge of dev that changes something too', async () => {
    await git('merge', '--quiet', '--no-ff', '--no-commit', 'dev');
    await commit('Merge dev', { 'a.txt': 'three', 'evil.txt': 'evil' });
    const done = await judgePush();
    expect([done.code, done.stderr]).toEqual(refused('does not have the files of dev'));
    expect(done.stderr).toContain('  a.txt\n  evil.txt\n');
  });

  it("refuses a merge that keeps prod's files", async () => {
    await git('merge', '--quiet', '--no-ff', '--strategy=ours', '--message', 'Merge dev', 'dev');
    const done = await judgePush();
    expect([done.code, done.stderr]).toEqual(refused('does not have the files of dev'));
  });

  it('refuses a merge of a feature branch, and one of dev with something else', async () => {
    await git('switch', '--quiet', '--create', 'feature/x', 'dev');
    await commit('feat: x', { 'x.txt': 'x' });
    await git('switch', '--quiet', 'prod');
    await git('merge', '--quiet', '--no-ff', '--message', 'Merge x', 'feature/x');
    const done = await judgePush();
    expect([done.code, done.stderr]).toEqual(refused('feat: x'));

    await git('reset', '--quiet', '--hard', base);
    const tree = await git('rev-parse', 'dev^{tree}');
    const octopus = await git('commit-tree', tree, '-p', base, '-p', 'dev', '-p', 'feature/x', '-m', 'Octopus');
    const both = await judge(['--base', base, '--head', octopus]);
    expect([both.code, both.stderr]).toEqual(refused('Octopus'));
  });

  it('refuses a merge onto something else than prod', async () => {
    await git('switch', '--quiet', '--create', 'side', 'v1.0.0');
    await mergeDev();
    const done = await judgePush();
    expect([done.code, done.stderr]).toEqual(refused('Merge dev'));
  });

  it('refuses what is not released', async () => {
    await mergeDev();
    await git('tag', '--delete', 'v1.1.0');
    const untagged = await judgePush('--released');
    expect([untagged.code, untagged.stderr]).toEqual(refused('git push origin v1.1.0'));

    await git('switch', '--quiet', 'dev');
    await commit('chore: by hand', { 'package.json': JSON.stringify({ version: '1.2.0' }) });
    await git('tag', 'v1.2.0');
    await git('push', '--quiet', 'origin', 'dev');
    const unsaid = await judge(['--head', 'v1.2.0', '--released']);
    expect([unsaid.code, unsaid.stderr]).toEqual(refused('CHANGELOG.md has no section 1.2.0'));
  });
});

import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { releaseSection } from '../lib/deploy/changelog.ts';
import { currentBranch, findCommit, type Git, isAncestor, lines, openGit, uncommitted } from '../lib/git.ts';

const HELP = `Makes a release on the branch dev: moves the changelog's unreleased entries under the version, raises the version in
package.json and package-lock.json, commits that and tags it vX.Y.Z.

  npm run release -- X.Y.Z [options]

Options:
  --dry-run            check everything, change nothing
  --check-command CMD  the checks to run first (default "npm run check"); for trying out this command
  --directory DIR      the checkout (default .)
  --json               print the result as JSON

It refuses a branch other than dev, uncommitted changes, a checkout behind origin, a version that is not above the current one or
has a tag, an empty [Unreleased], and failing checks. If a step fails, it restores the checkout. It pushes nothing.`;

const options = {
  'dry-run': { type: 'boolean', default: false },
  'check-command': { type: 'string', default: 'npm run check' },
  directory: { type: 'string', default: '.' },
} as const;

const BRANCH = 'dev';
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const Versioned = z.object({ version: z.string() });
const Lock = z.object({ version: z.string(), packages: z.object({ '': Versioned }) });

/** Relative paths and the contents that a release gives them. */
type NewFiles = Record<string, string>;

await runCommand(
  HELP,
  () => {
    const { values, positionals } = parseArgs({ options: { ...options, ...commonOptions }, allowPositionals: true });
    return { ...values, positionals };
  },
  async (values) => {
    const [version, ...others] = values.positionals;
    if (version === undefined || others.length > 0 || !VERSION.test(version))
      throw new UserError('Give one version, X.Y.Z in numbers: npm run release -- 1.2.0', 2);
    const { directory } = values;
    const git = openGit(directory);
    const tag = `v${version}`;

    const before = await requireReadyCheckout(git);
    const files = await prepareFiles(directory, version);
    await requireNewTag(git, tag);
    await step('comparing with origin', () => requireUpToDate(git, tag));
    await check(values['check-command'], directory);
    if ((await requireReadyCheckout(git)) !== before)
      throw new UserError(`${BRANCH} moved on while the checks ran. Run the release again.`);
    if (values['dry-run'])
      return {
        text: `${version} could be released.`,
        data: { released: false, version, tag, files: Object.keys(files) },
      };

    const commit = await step(`committing and tagging ${tag}`, () => commitAndTag(git, directory, files, version, tag));
    return {
      text: `Released ${version} on this machine: commit ${commit.slice(0, 7)}, tag ${tag}.
Next:
  git push --atomic origin ${BRANCH} ${tag}
  then open a pull request from ${BRANCH} into prod, and merge it with a merge commit (not squashed, not rebased).`,
      data: { released: true, version, tag, commit },
    };
  },
);

/** The current commit, of a clean checkout of the branch. */
async function requireReadyCheckout(git: Git): Promise<string> {
  const branch = await currentBranch(git);
  if (branch !== BRANCH)
    throw new UserError(
      `Releases are made on ${BRANCH}; this checkout is ${branch ? `on ${branch}` : 'on no branch'}. Run git switch ${BRANCH}.`,
    );
  const changed = await uncommitted(git);
  if (changed.length > 0)
    throw new UserError(
      `There are uncommitted changes; commit or stash them first:\n${changed.slice(0, 10).join('\n')}`,
    );
  return git('rev-parse', 'HEAD');
}

async function requireNewTag(git: Git, tag: string): Promise<void> {
  if (await findCommit(git, `refs/tags/${tag}`)) throw taken(tag, 'this repository');
}

function taken(tag: string, where: string): UserError {
  return new UserError(
    `The tag ${tag} exists already in ${where}, and a released version never changes. Take the next one.`,
  );
}

/** Refuses a release that origin would not take. Without a remote of that name there is nothing to compare with. */
async function requireUpToDate(git: Git, tag: string): Promise<void> {
  if (!lines(await git('remote')).includes('origin')) return;
  const listed = lines(await git('ls-remote', 'origin', `refs/heads/${BRANCH}`, `refs/tags/${tag}`));
  for (const line of listed) {
    const [commit = '', ref] = line.split('\t');
    if (ref === `refs/tags/${tag}`) throw taken(tag, 'origin');
    if (!(await findCommit(git, commit)) || !(await isAncestor(git, commit, 'HEAD')))
      throw new UserError(
        `origin has commits of ${BRANCH} that this checkout lacks. Run git pull, then release again.`,
      );
  }
}

async function prepareFiles(directory: string, version: string): Promise<NewFiles> {
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const manifest = await read('package.json');
  const current = Versioned.parse(JSON.parse(manifest)).version;
  if (!isAbove(version, current))
    throw new UserError(`${version} is not above ${current}, the version in package.json. Take a higher one.`);
  const today = new Date().toISOString().slice(0, 10);
  const changelog = releaseSection(await read('CHANGELOG.md'), version, today);
  if ('problem' in changelog)
    throw new UserError(
      `CHANGELOG.md cannot be released: ${changelog.problem}. Say under "## [Unreleased]" what changes for a user.`,
    );
  const lock = replaceVersion(await read('package-lock.json'), version, (json) => Lock.parse(json).version);
  return {
    'CHANGELOG.md': changelog.text,
    'package.json': replaceVersion(manifest, version, (json) => Versioned.parse(json).version),
    'package-lock.json': replaceVersion(lock, version, (json) => Lock.parse(json).packages[''].version),
  };
}

function isAbove(version: string, current: string): boolean {
  const [ours, theirs] = [version, current].map((it) => it.split('.').map(Number));
  for (const [index, number] of (ours ?? []).entries()) {
    const other = theirs?.[index] ?? 0;
    if (number !== other) return number > other;
  }
  return false;
}

/** Changes one version number of a JSON text and no other character: the one that `read` finds in the parsed text. */
function replaceVersion(text: string, version: string, read: (json: unknown) => string): string {
  const current = read(JSON.parse(text));
  if (current === version) return text;
  for (const match of text.matchAll(/("version"\s*:\s*)"([^"]*)"/g)) {
    if (match[2] !== current) continue;
    const after = text.slice(match.index + match[0].length);
    const changed = `${text.slice(0, match.index)}${match[1]}"${version}"${after}`;
    if (read(JSON.parse(changed)) === version) return changed;
  }
  throw new UserError('package.json or package-lock.json has no version that could be raised. Run npm install.');
}

/** Runs the checks; what they print goes to stderr. */
async function check(command: string, directory: string): Promise<void> {
  process.stderr.write(`• ${command}\n`);
  const child = spawn(command, { cwd: directory, shell: true, stdio: ['ignore', process.stderr, process.stderr] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new UserError(`"${command}" failed, so nothing was released. Mend what it reports first.`);
}

/** Writes the files, commits and tags them; if one of these fails, undoes the others. */
async function commitAndTag(
  git: Git,
  directory: string,
  files: NewFiles,
  version: string,
  tag: string,
): Promise<string> {
  const before = await git('rev-parse', 'HEAD');
  const names = Object.keys(files);
  // Ctrl-C reaches git too, which then fails here and is undone.
  const ignore = () => {};
  for (const signal of SIGNALS) process.on(signal, ignore);
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    await git('add', '--', ...names);
    await git('commit', '--quiet', '--message', `chore: release ${version}`);
    await git('tag', '--annotate', tag, '--message', version);
    return await git('rev-parse', 'HEAD');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    try {
      await git('reset', '--quiet', '--soft', before);
      await git('restore', `--source=${before}`, '--staged', '--worktree', '--', ...names);
    } catch (failure) {
      throw new UserError(
        `${message}\nIt could not be undone (${failure instanceof Error ? failure.message : failure}). Run git reset --hard ${before}.`,
      );
    }
    throw new UserError(`${message}\nNothing was released: the checkout is as it was before.`);
  } finally {
    for (const signal of SIGNALS) process.off(signal, ignore);
  }
}

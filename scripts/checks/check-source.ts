import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';
import { readSection } from '../lib/deploy/changelog.ts';
import { findCommit, type Git, isAncestor, lines, openGit } from '../lib/git.ts';

const HELP = `Refuses commits on the branch prod that do not come from dev.

  npm run check:source -- --base REF --head REF [options]
  npm run check:source -- --head REF --head-ref NAME --head-repo OWNER/NAME --repo OWNER/NAME [options]

The first form judges a push: each commit that is not in --base must be on dev, but for one merge of dev into --base with
exactly dev's files. The second judges a pull request: it must come from the branch dev of the same repository.

Options:
  --base REF              the commit of prod before the push (default origin/prod; none if there was none)
  --head REF              the commit to judge (default HEAD)
  --head-ref NAME         the branch that the pull request comes from
  --head-repo OWNER/NAME  the repository that the pull request comes from
  --repo OWNER/NAME       the repository that it goes to
  --dev REF               where dev is (default origin/dev)
  --released              what comes from dev must be a release: the commit of the tag vX.Y.Z, X.Y.Z its package.json's
                          version, with a section in CHANGELOG.md
  --directory DIR         the checkout, with the history of prod and dev and the tags (default .)
  --json                  print the result as JSON`;

const options = {
  base: { type: 'string', default: 'origin/prod' },
  head: { type: 'string', default: 'HEAD' },
  'head-ref': { type: 'string' },
  'head-repo': { type: 'string' },
  repo: { type: 'string' },
  dev: { type: 'string', default: 'origin/dev' },
  released: { type: 'boolean', default: false },
  directory: { type: 'string', default: '.' },
} as const;

const BRANCH = 'dev';
const RECIPE = 'Bring the change to dev, release it there, and merge dev into prod with a merge commit.';

const Versioned = z.object({ version: z.string() });

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const git = openGit(values.directory);
    const headRef = values['head-ref'];
    if (headRef !== undefined) requireDevBranch(headRef, values['head-repo'], values.repo);
    const dev = await requireCommit(git, values.dev, 'Fetch the branch dev.');
    const head = await requireCommit(git, values.head, 'Fetch what is to be judged.');
    const source =
      headRef === undefined
        ? await judgePush(git, { base: await findCommit(git, values.base), head, dev })
        : await judgePullRequest(git, head, dev);
    const release = values.released ? await requireRelease(git, source) : undefined;
    return {
      text: `${short(head)} comes from dev${release ? `, as ${release}` : ''}.`,
      data: { accepted: true, head, source, ...(release && { release }) },
    };
  },
);

function requireDevBranch(headRef: string, headRepo: string | undefined, repo: string | undefined): void {
  if (!headRepo || !repo) throw new UserError('--head-ref needs --head-repo and --repo too.', 2);
  if (headRepo !== repo)
    throw new UserError(
      `prod takes pull requests from the branch dev of ${repo} only; this one comes from ${headRepo}.`,
    );
  if (headRef !== BRANCH)
    throw new UserError(`prod takes pull requests from the branch dev only; this one comes from ${headRef}. ${RECIPE}`);
}

async function judgePullRequest(git: Git, head: string, dev: string): Promise<string> {
  if (!(await isAncestor(git, head, dev))) throw new UserError(`${short(head)} is not on dev. ${RECIPE}`);
  return head;
}

/** The commit of dev that a push brings to prod. */
async function judgePush(
  git: Git,
  { base, head, dev }: { base: string | undefined; head: string; dev: string },
): Promise<string> {
  const foreign = lines(await git('rev-list', head, '--not', dev, ...(base ? [base] : [])));
  if (foreign.length === 0) return head;
  const [, onto, merged, ...more] = (await git('rev-list', '--parents', '--max-count=1', head)).split(' ');
  const isMergeOfDev = merged && more.length === 0 && onto === base && (await isAncestor(git, merged, dev));
  if (!isMergeOfDev) {
    const listed = await git('log', '--no-walk', '--format=  %h %s', ...foreign.slice(0, 10));
    throw new UserError(`These commits do not come from dev:\n${listed}\n${RECIPE}`);
  }
  const differing = lines(await git('diff', '--name-only', merged, head));
  if (differing.length > 0)
    throw new UserError(
      `The merge ${short(head)} does not have the files of dev (${short(merged)}); these differ:\n${differing
        .slice(0, 10)
        .map((path) => `  ${path}`)
        .join('\n')}\nA merge into prod changes nothing by itself. ${RECIPE}`,
    );
  return merged;
}

/** The release tag of a commit. */
async function requireRelease(git: Git, commit: string): Promise<string> {
  const { version } = Versioned.parse(JSON.parse(await git('show', `${commit}:package.json`)));
  const tag = `v${version}`;
  const tagged = await findCommit(git, `refs/tags/${tag}`);
  if (!tagged)
    throw new UserError(`The tag ${tag} is not here. Push it (git push origin ${tag}), or make it: npm run release.`);
  if (tagged !== commit)
    throw new UserError(
      `${short(commit)} is not a release: ${tag} is ${short(tagged)}. Release what dev has now: npm run release.`,
    );
  if (!readSection(await git('show', `${commit}:CHANGELOG.md`), version))
    throw new UserError(`CHANGELOG.md has no section ${version}. Make releases with npm run release.`);
  return tag;
}

async function requireCommit(git: Git, name: string, remedy: string): Promise<string> {
  const commit = await findCommit(git, name);
  if (!commit) throw new UserError(`This checkout has no commit ${name}. ${remedy}`);
  return commit;
}

function short(commit: string): string {
  return commit.slice(0, 7);
}

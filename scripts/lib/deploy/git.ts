import { findCommit, isAncestor, lines, openGit } from '../git.ts';

/** In the directory that this process works in: what is deployed is what is checked out there. */
const git = (...options: string[]) => openGit(process.cwd())(...options);

/** The commit that is checked out, in 12 digits: short enough for any tag, long enough for any repository. */
export const currentCommit = () => git('rev-parse', '--short=12', 'HEAD');

export const changedFiles = async () => lines(await git('status', '--porcelain')).map((line) => line.slice(3));

/** Whether HEAD is the branch, or (detached, as a CI checks a tag out) a commit of origin's branch. */
export async function isOnBranch(branch: string): Promise<boolean> {
  const current = await git('branch', '--show-current');
  if (current) return current === branch;
  const remote = `origin/${branch}`;
  return (await hasCommit(remote)) && isAncestor(git, 'HEAD', remote);
}

export async function describeHead(): Promise<string> {
  return (await git('branch', '--show-current')) || `${await currentCommit()}, a detached HEAD`;
}

/** Whether this clone has the commit. */
export const hasCommit = async (commit: string) => (await findCommit(git, commit)) !== undefined;

export const subject = () => git('log', '-1', '--format=%s');

/** A file as it was at a commit; empty where it was not there. */
export const fileAt = (commit: string, path: string) => git('show', `${commit}:./${path}`).catch(() => '');

/** The files among these that a commit has, and that HEAD has not, or has with other bytes. */
export async function filesChangedSince(commit: string, ...paths: string[]): Promise<string[]> {
  return lines(await git('diff', '--no-renames', '--diff-filter=DMT', '--name-only', commit, 'HEAD', '--', ...paths));
}

import { execFile } from 'node:child_process';
import { UserError } from './cli.ts';

/** Runs git in one checkout and answers what it prints, without the last line break. */
export type Git = (...options: string[]) => Promise<string>;

/** What git said when it refused or failed, and its exit code (undefined: it could not be run). */
class GitError extends UserError {
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined) {
    super(message);
    this.status = status;
  }
}

// Set inside git's hooks: they would point git at another repository than the one of its working directory.
const LOCATION_VARIABLES = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_PREFIX'];

export function openGit(directory: string): Git {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !LOCATION_VARIABLES.includes(name)));
  return (...options) =>
    new Promise((resolve, reject) => {
      execFile('git', options, { cwd: directory, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
        if (!error) return resolve(stdout.trimEnd());
        const status = typeof error.code === 'number' ? error.code : undefined;
        reject(new GitError(`git ${options.join(' ')} failed: ${stderr.trim() || error.message}`, status));
      });
    });
}

/** The commit that a name stands for, or undefined where the checkout has none. */
export async function findCommit(git: Git, name: string): Promise<string | undefined> {
  // A name never starts with a dash (git check-ref-format); an option does.
  if (name === '' || name.startsWith('-')) return undefined;
  try {
    return await git('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
  } catch (error) {
    if (error instanceof GitError && error.status !== undefined) return undefined;
    throw error;
  }
}

/** Whether a commit is the other one, or is in its history. */
export async function isAncestor(git: Git, commit: string, of: string): Promise<boolean> {
  try {
    await git('merge-base', '--is-ancestor', commit, of);
    return true;
  } catch (error) {
    if (error instanceof GitError && error.status === 1) return false;
    throw error;
  }
}

/** The branch that is checked out; empty where HEAD is detached. */
export const currentBranch = (git: Git) => git('branch', '--show-current');

/** The commit that is checked out, in 12 digits: short enough for any tag, long enough for any repository. */
export const shortCommit = (git: Git) => git('rev-parse', '--short=12', 'HEAD');

/** What is not committed, a line for each file: two letters for its state, a space, its path. */
export const uncommitted = async (git: Git) => lines(await git('status', '--porcelain'));

/** The files that git knows in a checkout, and those that it would take, each once. */
export async function listFiles(git: Git): Promise<string[]> {
  const listed = await git('ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate');
  return listed.split('\0').filter((file) => file !== '');
}

/** A file as it was at a commit; empty where it was not there. */
export const fileAt = (git: Git, commit: string, path: string) => git('show', `${commit}:./${path}`).catch(() => '');

/** The files among these that a commit has, and that HEAD has not, or has with other bytes. */
export async function filesChangedSince(git: Git, commit: string, ...paths: string[]): Promise<string[]> {
  return lines(await git('diff', '--no-renames', '--diff-filter=DMT', '--name-only', commit, 'HEAD', '--', ...paths));
}

/** The lines of an answer; none where it is empty. */
export function lines(answer: string): string[] {
  return answer === '' ? [] : answer.split('\n');
}

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type Git, openGit } from '../../scripts/lib/git.ts';

/** Nobody's configuration: no signing, no hooks, no templates. */
export const GIT_ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A. Uthor',
  GIT_AUTHOR_EMAIL: 'author@example.org',
  GIT_COMMITTER_NAME: 'A. Uthor',
  GIT_COMMITTER_EMAIL: 'author@example.org',
};

/** A git checkout on the branch dev, without a commit. */
export type Checkout = {
  /** The parent folder of the checkout, with room for other folders beside it. */
  parent: string;
  directory: string;
  git: Git;
  read(name: string): Promise<string>;
  write(name: string, text: string): Promise<void>;
  /** Writes these files, and commits everything. */
  commit(message: string, files?: Record<string, string>): Promise<void>;
  /** Makes an empty repository, and names it as origin. */
  addOrigin(): Promise<void>;
  remove(): Promise<void>;
};

/** The environment of this process has git ignore the configuration of this machine until the checkout is removed. */
export async function makeCheckout(): Promise<Checkout> {
  for (const [name, value] of Object.entries(GIT_ENVIRONMENT)) vi.stubEnv(name, value);
  const parent = await mkdtemp(join(tmpdir(), 'checkout-'));
  const directory = join(parent, 'checkout');
  await mkdir(directory);
  const git = openGit(directory);
  await git('init', '--quiet', '--initial-branch=dev');
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  return {
    parent,
    directory,
    git,
    read: (name) => readFile(join(directory, name), 'utf8'),
    write,
    async commit(message, files = {}) {
      for (const [name, text] of Object.entries(files)) await write(name, text);
      await git('add', '--all');
      await git('commit', '--quiet', '--message', message);
    },
    async addOrigin() {
      const origin = join(parent, 'origin.git');
      await git('init', '--quiet', '--bare', origin);
      await git('remote', 'add', 'origin', origin);
    },
    async remove() {
      vi.unstubAllEnvs();
      await rm(parent, { recursive: true });
    },
  };
}

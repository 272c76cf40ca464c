import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { UserError } from '../cli.ts';
import {
  currentBranch,
  fileAt,
  filesChangedSince,
  findCommit,
  type Git,
  isAncestor,
  shortCommit,
  uncommitted,
} from '../git.ts';
import type { Environment } from '../model/open-store.ts';
import { hasEntry, readSection } from './changelog.ts';

const execute = promisify(execFile);
const PACKAGE_PATH = 'package.json';
const CHANGELOG_PATH = 'CHANGELOG.md';
const MIGRATIONS = 'migrations';

/** What is deployed is a commit of the environment's branch, and nothing else. Resolves to that commit. */
export async function checkCheckout(git: Git, environment: Environment): Promise<string> {
  const changed = (await uncommitted(git)).map((line) => line.slice(3));
  if (changed.length > 0) {
    const shown = changed.slice(0, 5).join(', ') + (changed.length > 5 ? ', …' : '');
    throw new UserError(`What is deployed must be committed, and this is not: ${shown}. Commit it, or stash it.`);
  }
  const commit = await shortCommit(git);
  const branch = await currentBranch(git);
  if (branch ? branch === environment : await isOnOrigin(git, environment)) return commit;
  throw new UserError(
    `${environment} is deployed from the branch ${environment}, and this is ${branch || `${commit}, a detached HEAD`}. Check ${environment} out; bring the change there first.`,
  );
}

/** Whether HEAD, detached as a CI checks a tag out, is a commit of origin's branch. */
async function isOnOrigin(git: Git, branch: string): Promise<boolean> {
  const remote = await findCommit(git, `origin/${branch}`);
  return remote !== undefined && isAncestor(git, 'HEAD', remote);
}

/**
 * Refuses to replace a newer commit by an older one, as a late repetition of a run would. `deployed` is the tag of the serving
 * version. Where this clone does not have its commit, the check passes.
 */
export async function checkNotOlder(git: Git, environment: Environment, deployed: string | null): Promise<void> {
  const newer = deployed === null ? undefined : await findCommit(git, deployed);
  const head = await findCommit(git, 'HEAD');
  if (!newer || newer === head || !(await isAncestor(git, 'HEAD', newer))) return;
  throw new UserError(
    `${await shortCommit(git)} is older than ${deployed}, which is deployed. Deploy the newest commit of ${environment}; to go back to an earlier version: npx wrangler versions deploy --env ${environment}`,
  );
}

/** The changelog must have an entry for a change since `base`, the commit that has the traffic; null where it is unknown. */
export async function checkChangelog(
  git: Git,
  environment: Environment,
  base: string | null,
  commit: string,
): Promise<void> {
  const changelog = await readFile(CHANGELOG_PATH, 'utf8').catch(() => '');
  const version = z.object({ version: z.string() }).parse(JSON.parse(await readFile(PACKAGE_PATH, 'utf8'))).version;
  const isReleased = says(changelog, version);
  if (environment === 'prod') {
    if (isReleased) return;
    throw new UserError(
      `CHANGELOG.md has no section [${version}], the version in package.json. Release on dev (npm run release), merge into prod, and deploy that.`,
    );
  }
  if (says(changelog, 'Unreleased')) return;
  // A release empties [Unreleased]: then its own section counts, once.
  const before = base && base !== commit ? await fileAt(git, base, CHANGELOG_PATH) : '';
  if (isReleased && !says(before, version)) return;
  throw new UserError(
    "CHANGELOG.md says nothing under [Unreleased]. Add a sentence about the change for the service's users, and commit it.",
  );
}

/** Whether a changelog has an entry in a section. */
function says(changelog: string, section: string): boolean {
  return hasEntry(readSection(changelog, section) ?? '');
}

/** The schema in the code and the one that the migrations make must be the same: drizzle-kit would add nothing. */
export async function checkGenerated(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'));
  try {
    await cp(MIGRATIONS, directory, { recursive: true });
    const before = await readdir(directory);
    // drizzle-kit takes --out as relative to here, whatever it starts with.
    const out = relative(process.cwd(), directory);
    const schema = 'workers/store/schema.ts';
    await execute('drizzle-kit', ['generate', '--dialect', 'postgresql', '--schema', schema, '--out', out]).catch(
      (error: Error & { stderr?: string }) => {
        throw new UserError(
          `drizzle-kit cannot compare the schema with the migrations: ${error.stderr || error.message}`,
        );
      },
    );
    const added = (await readdir(directory)).filter((name) => !before.includes(name));
    if (added.length > 0) {
      throw new UserError(
        'workers/store/schema.ts has changes that no migration makes. Run npm run migrations:generate, and commit it.',
      );
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Migrations are only ever added: every migration of the base must be here with the same bytes. */
export async function checkForwardOnly(git: Git, base: string | null): Promise<void> {
  if (!base) return;
  const changed = await filesChangedSince(git, base, `${MIGRATIONS}/*.sql`, `${MIGRATIONS}/meta/*_snapshot.json`);
  if (changed.length === 0) return;
  throw new UserError(
    `${changed.join(', ')} changed since ${base}. A migration that may have been applied never changes: restore it (git checkout ${base} -- ${changed.join(' ')}), and put the change into a new migration.`,
  );
}

import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';
import { readSection } from '../lib/deploy/changelog.ts';

const HELP = `Prints the section of a version in CHANGELOG.md.

  npm run --silent release-notes [-- X.Y.Z] [options]

Options:
  --publish        make it the release vX.Y.Z at GitHub, with the command gh, unless GitHub has this release
  --attach DIR     with --publish: attach the files of this folder
  --directory DIR  the checkout (default .)
  --json           print the result as JSON

Without X.Y.Z it takes the version of package.json. The tag must be on GitHub.`;

const options = {
  publish: { type: 'boolean', default: false },
  attach: { type: 'string' },
  directory: { type: 'string', default: '.' },
} as const;

const Versioned = z.object({ version: z.string() });

await runCommand(
  HELP,
  () => {
    const { values, positionals } = parseArgs({ options: { ...options, ...commonOptions }, allowPositionals: true });
    return { ...values, positionals };
  },
  async ({ directory, publish, attach, positionals }) => {
    if (positionals.length > 1) throw new UserError('Give one version, or none for that of package.json.', 2);
    const read = (name: string) => readFile(join(directory, name), 'utf8');
    const version =
      positionals[0]?.replace(/^v/, '') ?? Versioned.parse(JSON.parse(await read('package.json'))).version;
    const notes = readSection(await read('CHANGELOG.md'), version);
    if (!notes)
      throw new UserError(
        `CHANGELOG.md says nothing of ${version}. Make releases with npm run release, or name another.`,
      );
    const tag = `v${version}`;
    if (!publish) return { text: notes, data: { version, notes } };

    const published = !isReleased(tag);
    if (published) createRelease(tag, notes, attach === undefined ? [] : await filesIn(attach));
    return {
      text: published ? `Released ${tag} at GitHub.` : `GitHub has the release ${tag} already.`,
      data: { version, notes, published },
    };
  },
);

function isReleased(tag: string): boolean {
  return gh(['release', 'view', tag]).status === 0;
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) throw new UserError(`${folder} has no files. Make them: npm run build:release`);
  return names.sort().map((name) => join(folder, name));
}

function createRelease(tag: string, notes: string, files: readonly string[]): void {
  const { status, stderr } = gh(
    ['release', 'create', tag, ...files, '--verify-tag', '--title', tag, '--notes-file', '-'],
    `${notes}\n`,
  );
  if (status !== 0)
    throw new UserError(`gh did not make the release ${tag}: ${stderr.trim()}\nWas the tag pushed? Then run it again.`);
}

function gh(args: readonly string[], input = ''): { status: number | null; stderr: string } {
  const { status, stderr, error } = spawnSync('gh', args, { input, encoding: 'utf8' });
  // Having not read its input (EPIPE) is an error as well, but of a gh that ran and says on its own what is wrong.
  if (error && status === null)
    throw new UserError(`gh cannot be run: ${error.message}. Install GitHub's command line.`);
  return { status, stderr };
}

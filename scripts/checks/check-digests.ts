import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';
import { listFiles, openGit } from '../lib/git.ts';
import { plural } from '../lib/text.ts';

const HELP = `Checks that every package that is installed is pinned with its digest.

  npm run check:digests [-- options]

Options:
  --directory DIR  the checkout (default .)
  --json           print the result as JSON

The rules for each package-lock.json: each package has a sha512 and no address, so that any registry may serve it; the packages of every
platform are there; the package.json beside it decides in allowScripts on each package that has an install script. The rules for each
requirements*.txt: every line pins one version and has a sha256, and no option names an index.`;

const options = { directory: { type: 'string', default: '.' } } as const;

const LOCK = 'package-lock.json';
const REQUIREMENTS = /^requirements.*\.txt$/;

const Package = z.object({
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });
type Lock = z.infer<typeof Lock>;
const Manifest = z.object({ allowScripts: z.record(z.string(), z.boolean()).default({}) });

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ directory }) => {
    const read = (path: string) => readFile(join(directory, path), 'utf8');
    const listed = await listFiles(openGit(directory));
    const locks = await Promise.all(
      listed
        .filter((path) => basename(path) === LOCK)
        .map(async (path) => ({
          path,
          lock: Lock.parse(JSON.parse(await read(path))),
          manifest: Manifest.parse(JSON.parse(await read(join(dirname(path), 'package.json')))),
        })),
    );
    if (locks.length === 0) throw new UserError(`There is no ${LOCK} in ${directory}.`);
    const files = listed.filter((path) => REQUIREMENTS.test(basename(path)));
    const requirements = await Promise.all(files.map(async (file) => ({ file, lines: readLines(await read(file)) })));
    const problems = [
      ...locks.flatMap(({ path, lock, manifest }) => checkLock(path, lock, Object.keys(manifest.allowScripts))),
      ...requirements.flatMap(({ file, lines }) => lines.flatMap((line) => checkLine(file, line))),
    ];
    if (problems.length > 0) throw new UserError(`Not everything that is installed is pinned:\n${problems.join('\n')}`);
    const packages = locks.reduce((sum, { lock }) => sum + Object.keys(lock.packages).length - 1, 0);
    const inLocks = locks.length === 1 ? LOCK : plural(locks.length, 'lockfile');
    const pinned = requirements.flatMap(({ lines }) => lines).length;
    return {
      text: `${plural(packages, 'package')} in ${inLocks} and ${plural(pinned, 'requirement')} in ${plural(files.length, 'file')} have their digests.`,
      data: { packages, requirements: pinned, files },
    };
  },
);

function checkLock(file: string, { packages }: Lock, decided: readonly string[]): string[] {
  return Object.entries(packages).flatMap(([path, { integrity, resolved, hasInstallScript, optionalDependencies }]) => {
    const isRoot = path === '';
    const name = path.replace(/^.*node_modules\//, '');
    const absent = Object.keys(optionalDependencies ?? {}).filter((it) => !isInstalledFor(packages, path, it));
    return [
      ...(isRoot || integrity?.startsWith('sha512-') ? [] : [`${file}: ${path} has no sha512. Run npm install.`]),
      ...(resolved === undefined
        ? []
        : [`${file}: ${path} has an address. Keep .npmrc as it is, and run npm install.`]),
      ...(hasInstallScript && !decided.includes(name)
        ? [`${file}: ${path} has an install script, and allowScripts in package.json does not decide on it.`]
        : []),
      // npm drops a package that its registry lacks. npm ci then fails on that platform, or installs it unverified.
      ...absent.map(
        (it) => `${file}: ${it}, which ${name || 'package.json'} installs on another platform, is missing.`,
      ),
    ];
  });
}

function isInstalledFor(packages: Lock['packages'], path: string, name: string): boolean {
  return `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
}

type Line = { number: number; text: string };

/** The lines of a requirements file as pip reads them: a backslash continues a line, "#" begins a comment. */
function readLines(file: string): Line[] {
  const lines: Line[] = [];
  let continued: Line | null = null;
  for (const [index, raw] of file.split(/\r?\n/).entries()) {
    const text = raw.replace(/(^|\s)#.*$/, '').trim();
    const line: Line = continued ?? { number: index + 1, text: '' };
    line.text = `${line.text} ${text.replace(/\\$/, '')}`.trim();
    continued = text.endsWith('\\') ? line : null;
    if (!continued && line.text !== '') lines.push(line);
  }
  return continued ? [...lines, continued] : lines;
}

function checkLine(file: string, { number, text }: Line): string[] {
  const where = `${file}:${number}:`;
  const [requirement = ''] = text.split(/\s/);
  if (requirement.startsWith('-'))
    return [`${where} ${requirement} is an option. pip takes the index from its own settings.`];
  if (!/^[\w.-]+(\[[\w.,-]+\])?==[^*,;]+$/.test(requirement))
    return [`${where} ${requirement} is not pinned to one version (==).`];
  if (/\s--hash=sha256:[0-9a-f]{64}(\s|$)/.test(text)) return [];
  return [`${where} ${requirement} has no --hash=sha256. The command at the top of requirements.in adds the digests.`];
}

import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GIT_ENVIRONMENT } from '../../kit/git-checkout.ts';
import { collect, type Finished, fileOfCommand, type Running } from '../../kit/run-script.ts';

/** A git checkout with a tiny Worker under this project's names, its migrations and its database schema. */
export type Project = {
  directory: string;
  git(...args: string[]): string;
  write(path: string, text: string): Promise<void>;
  /** Commits everything. Resolves to the commit as deployments are tagged with it. */
  commit(message: string): string;
  start(script: string, options: readonly string[], env: Record<string, string>): Running;
  run(script: string, options: readonly string[], env: Record<string, string>): Promise<Finished>;
  remove(): Promise<void>;
};

const VERSION = '1.2.0';

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- What comes next.

## [${VERSION}] - 2026-11-01

- What is released.
`;

const WORKER = `export default { async fetch() { return new Response('hello') }, async queue() {}, async scheduled() {} };\n`;

/** Stands for this project's own build, which makes more files, out of packages. */
const BUILD = `import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('dist/assets', { recursive: true });
writeFileSync('dist/assets/docs.html', 'hello');
`;

export async function makeProject(branch: string): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), 'project-'));
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...GIT_ENVIRONMENT },
    }).trim();
  const write = async (path: string, text: string) => {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), text);
  };
  const commit = (message: string) => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
    return git('rev-parse', '--short=12', 'HEAD');
  };
  const start = (script: string, options: readonly string[], env: Record<string, string>) =>
    startIn(directory, script, options, env);

  git('init', '--quiet', '--initial-branch', branch);
  await write('.gitignore', '/node_modules\n.wrangler/\ndist/\n.local/\n.dev.vars*\n');
  await write('package.json', JSON.stringify({ name: 'futurisys-edge', version: VERSION, type: 'module' }));
  await write('CHANGELOG.md', CHANGELOG);
  await write('workers/index.ts', WORKER);
  await write('scripts/build/build-runtime.ts', '');
  await write('scripts/build/build-assets.ts', BUILD);
  await cp('workers/store/schema.ts', join(directory, 'workers/store/schema.ts'), { recursive: true });
  await cp('migrations', join(directory, 'migrations'), { recursive: true });
  await cp('wrangler.toml', join(directory, 'wrangler.toml'));
  await symlink(resolve('node_modules'), join(directory, 'node_modules'));
  commit('feat: first');
  return {
    directory,
    git,
    write,
    commit,
    start,
    run: (script, options, env) => start(script, options, env).finished,
    remove: () => rm(directory, { recursive: true }),
  };
}

/** Runs a script of this checkout in another directory, with nothing of this shell that names an account or a database. */
function startIn(cwd: string, script: string, options: readonly string[], env: Record<string, string>): Running {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(CLOUDFLARE|WRANGLER|R2|HF|DATABASE|FUTURISYS|API_KEYS|CI$)/.test(name),
    ),
  );
  const child = spawn(process.execPath, [fileOfCommand(script), ...options], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...own, ...env },
  });
  return { child, finished: collect(child) };
}

/** The contract of the repository's model. */
export const readContract = async () => JSON.parse(await readFile('model/contract.json', 'utf8'));

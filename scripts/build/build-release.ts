import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';

const HELP = `Builds the files of a GitHub release. CI signs them and attaches them to the release.

  npm run build:release [-- options]

Options:
  --out DIR  where the files go; it is emptied first (default dist/release)
  --json     print the result as JSON

worker.tar.gz holds the Worker of prod and its page, as a deployment of this commit builds them. The same commit gives the same bytes.
sbom.cdx.json lists every package of package-lock.json with its digest, in CycloneDX. model.onnx and contract.json are the published model. Needs GNU tar.`;

const options = { out: { type: 'string', default: 'dist/release' } } as const;

const MODEL_FILES = ['model.onnx', 'contract.json'];

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ out }) => {
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    await step('building the Worker of prod', () => packWorker(join(out, 'worker.tar.gz')));
    await step('listing the packages', async () => writeFile(join(out, 'sbom.cdx.json'), listPackages()));
    for (const name of MODEL_FILES) await copyFile(join('model', name), join(out, name));
    const files = ['worker.tar.gz', 'sbom.cdx.json', ...MODEL_FILES].map((name) => join(out, name));
    return { text: files.join('\n'), data: { files } };
  },
);

async function packWorker(file: string): Promise<void> {
  // The source map holds paths that begin at this folder, so it is always the same one.
  await rm('dist/worker', { recursive: true, force: true });
  run('wrangler', ['deploy', '--dry-run', '--env', 'prod', '--outdir', 'dist/worker']);
  // Fixed order, owner and time: https://reproducible-builds.org/docs/archives/. wrangler's README.md has the time of the build.
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--mode=u=rwX,go=rX'];
  const compressed = ['--exclude=README.md', '--use-compress-program=gzip -n', '-cf', file];
  run('tar', [...same, ...compressed, '-C', 'dist', 'worker', 'assets']);
}

/** Of the lockfile, not of node_modules: it has the packages of every platform. */
function listPackages(): string {
  return run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']);
}

function run(command: string, parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false' },
  });
  if (status === 0) return stdout;
  throw new UserError(`${command} ${parameters[0]} failed:\n${error?.message ?? `${stdout}${stderr}`}`);
}

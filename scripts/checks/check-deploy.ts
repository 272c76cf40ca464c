import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { ENVIRONMENTS, type Environment } from '../lib/model/open-store.ts';

const HELP = `Builds the Worker of every environment as a deploy would, without deploying it, and prints its size.

  npm run check:deploy

Options:
  --json  print the result as JSON`;

type Size = { uploadKiB: number; gzipKiB: number };

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    const sizes: Record<string, Size> = {};
    for (const environment of ENVIRONMENTS)
      sizes[environment] = await step(`building the Worker of ${environment}`, async () => build(environment));
    const lines = Object.entries(sizes).map(
      ([environment, { uploadKiB, gzipKiB }]) => `${environment}: ${uploadKiB} KiB, compressed ${gzipKiB} KiB`,
    );
    return { text: lines.join('\n'), data: { sizes } };
  },
);

function build(environment: Environment): Size {
  const { status, stdout, stderr } = spawnSync(
    'wrangler',
    ['deploy', '--dry-run', '--env', environment, '--outdir', `dist/${environment}`],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false' } },
  );
  if (status !== 0) throw new UserError(`The Worker of ${environment} does not build:\n${stdout}${stderr}`);
  const [, upload, gzip] = stdout.match(/Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/) ?? [];
  if (!upload || !gzip)
    throw new UserError(`wrangler does not say how large the Worker of ${environment} is:\n${stdout}`);
  return { uploadKiB: Number(upload), gzipKiB: Number(gzip) };
}

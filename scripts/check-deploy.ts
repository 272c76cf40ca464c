import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from './lib/cli.ts';

const HELP = `Builds the Worker of every environment as a deploy would, without deploying it, and prints its size.

  npm run check:deploy`;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    for (const environment of ['model', 'dev', 'prod']) {
      const { status, stdout, stderr } = spawnSync(
        'wrangler',
        ['deploy', '--dry-run', '--env', environment, '--outdir', `dist/${environment}`],
        { encoding: 'utf8', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
      );
      if (status !== 0) throw new UserError(`The Worker of ${environment} does not build:\n${stdout}${stderr}`);
      console.log(`${environment}: ${stdout.match(/Total Upload: .*/)?.[0]}`);
    }
  },
);

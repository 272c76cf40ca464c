import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from './lib/cli.ts';

const HELP = `Generates workers/worker-configuration.d.ts, the types of the bindings, from wrangler.toml.

  npm run types            write the file
  npm run types:check      fail if the file is out of date`;

await runCommand(
  HELP,
  () => parseArgs({ options: { check: { type: 'boolean', default: false }, ...commonOptions } }).values,
  async (values) => {
    const options = ['types', 'workers/worker-configuration.d.ts', '--include-runtime=false'];
    const { status } = spawnSync('wrangler', values.check ? [...options, '--check'] : options, {
      stdio: 'inherit',
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    });
    if (status !== 0) throw new UserError(values.check ? 'Run: npm run types' : 'The types could not be generated.');
  },
);

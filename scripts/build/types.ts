import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';

const HELP = `Generates workers/worker-configuration.d.ts, the types of the bindings, from wrangler.toml.

  npm run types            write the file
  npm run types:check      fail if the file is out of date

Options:
  --json  print the result as JSON`;

const FILE = 'workers/worker-configuration.d.ts';

await runCommand(
  HELP,
  () => parseArgs({ options: { check: { type: 'boolean', default: false }, ...commonOptions } }).values,
  async ({ check }) => {
    const options = ['types', FILE, '--include-runtime=false'];
    const { status } = spawnSync('wrangler', check ? [...options, '--check'] : options, {
      // What wrangler says is not the result.
      stdio: ['inherit', process.stderr, 'inherit'],
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    });
    if (status !== 0) throw new UserError(check ? 'Run: npm run types' : 'The types could not be generated.');
    return { text: `${FILE} is ${check ? 'up to date' : 'written'}.`, data: { file: FILE, written: !check } };
  },
);

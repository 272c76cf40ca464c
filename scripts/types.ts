import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runMain, UserError } from './lib/cli.ts';

const HELP = `Generates workers/worker-configuration.d.ts, the types of the bindings, from wrangler.toml.

  npm run types            write the file
  npm run types:check      fail if the file is out of date`;

await runMain(async () => {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(HELP);
  const options = ['types', 'workers/worker-configuration.d.ts', '--include-runtime=false'];
  const { status } = spawnSync('wrangler', values.check ? [...options, '--check'] : options, {
    stdio: 'inherit',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  if (status !== 0) throw new UserError(values.check ? 'Run: npm run types' : 'The types could not be generated.');
});

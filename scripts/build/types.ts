import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { ContractFields } from '../../common/contract/schema.ts';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';

const HELP = `Generates workers/worker-configuration.d.ts, the types of the bindings, from wrangler.toml, and
common/contract/contract.schema.json, the JSON Schema of a contract, from its zod schema.

  npm run types            write the files
  npm run types:check      fail if a file is out of date

Options:
  --json  print the result as JSON`;

const FILE = 'workers/worker-configuration.d.ts';
const SCHEMA_FILE = 'common/contract/contract.schema.json';

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
    const schema = contractSchema();
    if (!check) await writeFile(SCHEMA_FILE, schema);
    else if ((await readFile(SCHEMA_FILE, 'utf8').catch(() => '')) !== schema)
      throw new UserError(`${SCHEMA_FILE} is out of date. Run: npm run types`);
    const files = [FILE, SCHEMA_FILE];
    return {
      text: `${files.join(' and ')} are ${check ? 'up to date' : 'written'}.`,
      data: { files, written: !check },
    };
  },
);

/** JSON Schema (2020-12) has no rules between the fields of a contract: the checks of verify-model go further. */
function contractSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(ContractFields, { io: 'input' });
  const title = 'The contract of a model version: contract.json';
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`;
}

import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';

/** The checks of every change, by their names in package.json. Those of one row run beside each other. */
const CHECKS = [
  // Installing the clients mostly waits for the network.
  ['check:static', 'test:clients', 'check:deploy'],
  ['test'],
] as const;

const OPTIONS: Record<string, readonly string[]> = { 'test:clients': ['--', '--where-possible'] };

const HELP = `Runs the checks of every change, and stops at the first row that fails. .ci/run and the release run it too.

  npm run check [-- options]

Options:
  --list     print the names of the checks, and run none
  --json     print the result as JSON

The rows, of which each runs its checks side by side:
${CHECKS.map((row) => `  ${row.join(', ')}`).join('\n')}

Some checks need more than Node, or minutes. They have jobs of their own in .github/workflows/ci.yml: model:check,
test:browser, test:faults, test:fuzz, test:generated, test:life, bench:batch and check:audit.`;

const options = { list: { type: 'boolean', default: false } } as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ list }) => {
    const checks = CHECKS.flat();
    if (list) return { text: checks.join('\n'), data: { checks } };
    for (const row of CHECKS) {
      const passed = await Promise.all(row.map(passes));
      const failed = row.filter((_, i) => !passed[i]);
      if (failed.length > 0) throw new UserError(`npm run ${failed.join(' and npm run ')} failed.`);
    }
    return { text: 'Every check passed.', data: { checks } };
  },
);

/** Runs a script of package.json. Its output goes to stderr, because stdout holds the result of this command. */
function passes(script: string): Promise<boolean> {
  const child = spawn('npm', ['run', script, ...(OPTIONS[script] ?? [])], { stdio: ['inherit', 2, 2] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

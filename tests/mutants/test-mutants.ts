import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { listFiles, openGit } from '../../scripts/lib/git.ts';
import { buildRuntime } from '../../scripts/lib/onnx-runtime.ts';
import { plural } from '../../scripts/lib/text.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { Runner } from './runner.ts';

const HELP = `Makes small wrong changes, one at a time, and runs the test file that must notice each.

  npm run test:mutants:listed [-- options]

Options:
  --only TEXT  only the changes whose file, or whose broken promise, has this text
  --from N     go on with the Nth of them, after a run that was stopped
  --json       print the result as JSON

The changes stand in tests/mutants/mutants.ts. They are made in a copy of the files that git knows, in a temporary directory: the
working tree stays as it is. A change that no test notices is named, and the command fails where more than one in ten is. A hundred
changes take about ten minutes.`;

const options = { only: { type: 'string', default: '' }, from: { type: 'string', default: '1' } } as const;

/** The least share of the changes that must be noticed. */
const LEAST = 0.9;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ only, from }) => {
    const first = Number(from);
    if (!Number.isInteger(first) || first < 1) throw new UserError(`--from must be a number from 1, not "${from}".`, 2);
    const chosen = MUTANTS.filter(({ file, breaks }) => file.includes(only) || breaks.includes(only)).slice(first - 1);
    if (chosen.length === 0) throw new UserError(`No change has "${only}" in its file or its promise.`, 2);
    await step('building the ONNX runtime', buildRuntime);
    await using copies = new AsyncDisposableStack();
    const tree = await mkdtemp(join(tmpdir(), 'mutants-'));
    copies.defer(() => rm(tree, { recursive: true, force: true }));
    await step('copying the working tree', () => copyTree(tree));
    const runner = new Runner(tree);
    copies.defer(() => runner.stop());
    for (const test of new Set(chosen.map((mutant) => mutant.test))) {
      await step(`${test}, as it is`, async () => {
        if (!(await runner.passes(test, null)))
          throw new UserError(`${test} fails without any change: mend that first.`);
      });
    }
    const survivors: Mutant[] = [];
    for (const [i, mutant] of chosen.entries()) {
      const isKilled = await step(
        `${i + 1} of ${chosen.length}, ${describe(mutant)}`,
        () => isNoticed(tree, mutant, runner),
        (isKilled) => (isKilled ? 'noticed' : 'NOT NOTICED'),
      );
      if (!isKilled) survivors.push(mutant);
    }
    const killed = chosen.length - survivors.length;
    const text = [
      `${killed} of ${plural(chosen.length, 'change')} were noticed (${((100 * killed) / chosen.length).toFixed(1)} %).`,
      ...survivors.map((it) => `Not noticed by ${it.test}: ${describe(it)}\n  ${it.before}\n→ ${it.after}`),
    ].join('\n');
    if (killed < LEAST * chosen.length) throw new UserError(text);
    return { text, data: { changes: chosen.length, killed, survivors } };
  },
);

function describe({ file, breaks }: Mutant): string {
  return `${file}: ${breaks}`;
}

/** Copies the files that git knows, and those that it would take. The packages are linked. */
async function copyTree(tree: string): Promise<void> {
  for (const file of await listFiles(openGit(process.cwd()))) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    // git still lists a file that was just deleted.
    await cp(file, join(tree, file)).catch(() => undefined);
  }
  await symlink(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
}

async function isNoticed(tree: string, { file, before, after, test }: Mutant, runner: Runner): Promise<boolean> {
  const path = join(tree, file);
  const text = await readFile(path, 'utf8');
  if (text.split(before).length !== 2) throw new UserError(`"${before}" must stand in ${file} once.`);
  // Not replace(before, after): "$" would mean something in it.
  await writeFile(path, text.split(before).join(after));
  // The migrations run once, when the tests begin.
  if (file.endsWith('.sql')) await runner.stop();
  try {
    return !(await runner.passes(test, file));
  } finally {
    await writeFile(path, text);
    if (file.endsWith('.sql')) await runner.stop();
    else runner.changed(file);
  }
}

import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../../scripts/lib/cli.ts';
import { buildRuntime } from '../../scripts/lib/onnx-runtime.ts';
import { plural } from '../../scripts/lib/text.ts';
import { MUTANTS, type Mutant } from './mutants.ts';

const HELP = `Makes small wrong changes, one at a time, and runs the test file that must notice each.

  npm run test:mutants:listed [-- options]

Options:
  --only TEXT  only the changes whose file, or whose broken promise, has this text
  --jobs N     so many at a time, each in a copy of its own (default: 1)
  --json       print the result as JSON

The changes stand in tests/mutants/mutants.ts. They are made in copies of the files that git knows, in a temporary directory: the
working tree stays as it is. A change that no test notices is named, and the command fails where more than one in ten is. About a
hundred changes take 20 minutes.`;

const options = { only: { type: 'string', default: '' }, jobs: { type: 'string', default: '1' } } as const;

/** The least share of the changes that must be noticed. */
const LEAST = 0.9;
/** A test that hangs has noticed the change. */
const TIMEOUT_MS = 180_000;

type Fate = 'killed' | 'survived';

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ only, jobs }) => {
    const chosen = MUTANTS.filter(({ file, breaks }) => file.includes(only) || breaks.includes(only));
    if (chosen.length === 0) throw new UserError(`No change has "${only}" in its file or its promise.`, 2);
    const count = Number(jobs);
    if (!Number.isInteger(count) || count < 1 || count > 16) throw new UserError('--jobs must be 1 to 16.', 2);
    await step('building the ONNX runtime', buildRuntime);
    await using copies = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'mutants-'));
    copies.defer(() => rm(directory, { recursive: true, force: true }));
    const trees = await step('copying the working tree', () =>
      Promise.all(Array.from({ length: count }, (_, i) => copyTree(join(directory, `${i}`)))),
    );
    const files = [...new Set(chosen.map(({ test }) => test))];
    await inTurn(trees, files, async (tree, file) => {
      await step(`${file}, as it is`, async () => {
        if (!(await passes(tree, file))) throw new UserError(`${file} fails without any change: mend that first.`);
      });
    });
    const fates = new Map<Mutant, Fate>();
    await inTurn(trees, chosen, async (tree, mutant) => {
      fates.set(mutant, await step(describe(mutant), () => tryMutant(tree, mutant)));
    });
    const survivors = chosen.filter((mutant) => fates.get(mutant) === 'survived');
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
async function copyTree(tree: string): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const file of stdout.split('\0').filter((it) => it !== '')) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    // A file that was deleted, and not yet for git.
    await cp(file, join(tree, file)).catch(() => undefined);
  }
  await symlink(join(process.cwd(), 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

/** Gives each item to one of the trees as soon as one is free. */
async function inTurn<T>(
  trees: readonly string[],
  items: readonly T[],
  work: (tree: string, item: T) => Promise<void>,
) {
  const queue = [...items];
  await Promise.all(
    trees.map(async (tree) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(tree, item);
    }),
  );
}

async function tryMutant(tree: string, { file, before, after, test }: Mutant): Promise<Fate> {
  const path = join(tree, file);
  const text = await readFile(path, 'utf8');
  if (text.split(before).length !== 2) throw new UserError(`"${before}" must stand in ${file} once.`);
  // Not replace(before, after): "$" would mean something in it.
  await writeFile(path, text.split(before).join(after));
  try {
    return (await passes(tree, test)) ? 'survived' : 'killed';
  } finally {
    await writeFile(path, text);
  }
}

/** Whether all tests of a file pass. */
function passes(tree: string, test: string): Promise<boolean> {
  const project = test.startsWith('workers/') ? 'workers' : /^(common|page)\//.test(test) ? 'common' : 'scripts';
  const child = spawn('vitest', ['run', '--project', project, '--bail', '1', test], {
    cwd: tree,
    stdio: 'ignore',
    timeout: TIMEOUT_MS,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

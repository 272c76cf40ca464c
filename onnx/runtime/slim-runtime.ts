import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../../scripts/lib/directory-lock.ts';
import { withBranchlessTrees } from './branchless-trees.ts';
import { type Outcome, runCases } from './case-run.ts';
import { startedRuntime } from './started-runtime.ts';
import { keepFunctions, markCalls } from './wasm-binary.ts';

/** Any will do: which functions are called was found not to depend on it. */
const SEED = 1;
/** The name of an export that the runtime does not have. */
const MARKS = 'calledFunctions';
/** How many refused cases a message shows. */
const SHOWN = 3;
const POLL_MS = 250;
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * The runtime as it is after its start, with branchless trees, and without the functions that no case calls from there. Each of
 * those ends the program where it is called after all: what the slim runtime lacks is an error, and never another answer. Only where
 * ONNX Runtime leaves part of an output unset (see run-cases.ts) is there something else in it. Building it takes some 20 s, and is
 * done once for this runtime and these cases; the outcome is kept in `cache`. Two builds differ in some bytes of memory that nothing
 * reads. Throws where the runtime refuses a case.
 */
export async function slimRuntime(stock: Uint8Array, cache: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(cache, `slim-${await fingerprint(stock)}.wasm`);
  const built = await readIfThere(path);
  if (built) return built;
  await mkdir(cache, { recursive: true });
  const lock = await takeLock(`${path}.lock`, () => readIfThere(path));
  if (lock.waitedFor) return lock.waitedFor;
  try {
    const slim = await build(stock);
    await removeOld(cache);
    const part = `${path}.${process.pid}.part`;
    await writeFile(part, slim);
    await rename(part, path);
    return slim;
  } finally {
    await rm(`${path}.lock`, { force: true });
  }
}

async function build(stock: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const started = await startedRuntime(withBranchlessTrees(stock));
  const { outcomes, calls } = await runCases({ wasm: markCalls(started, MARKS), marks: MARKS, seed: SEED, rows: null });
  const refused = outcomes.filter(({ mustSucceed, refusal }) => mustSucceed && refusal !== null);
  if (refused.length > 0) throw new Error(`the runtime refuses ${refused.length} cases: ${describe(refused)}`);
  return keepFunctions(started, (position) => calls[position] === 1);
}

function describe(refused: readonly Outcome[]): string {
  return refused
    .slice(0, SHOWN)
    .map(({ name, refusal }) => `${name}: ${refusal}`)
    .join('; ');
}

/** What the code here that makes the runtime uses of other folders. */
const USED = [
  '../../common/concat.ts',
  ...['encode-text', 'first-graph', 'onnx-fields', 'session', 'split-graph'].map((name) => `../${name}.ts`),
];

/** Of all that decides what the slim runtime is: the stock one, and the code that makes it. */
async function fingerprint(stock: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(stock);
  const names = await readdir(import.meta.dirname, { recursive: true });
  const own = names.filter((it) => it.endsWith('.ts') && !it.endsWith('.test.ts')).sort();
  for (const name of [...own, ...USED])
    hash.update(`\n${name}\n`).update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Takes a lock, or waits for what its holder makes. That of a process which is gone is taken over. */
async function takeLock<T>(path: string, made: () => Promise<T | null>): Promise<{ waitedFor: T | null }> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      // It may have been made between the first look and the lock.
      const already = await made();
      if (already) await rm(path, { force: true });
      return { waitedFor: already };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    await sleep(POLL_MS);
    const waitedFor = await made();
    if (waitedFor) return { waitedFor };
    const holder = Number(await readFile(path, 'utf8').catch(() => process.pid));
    // Two may take it over at once: both make the same, each in a file of its own.
    if (!isRunning(holder)) await rm(path, { force: true });
  }
}

/** Those of other versions, but for recent ones: another checkout may share the packages, and so the cache. */
async function removeOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const made = await stat(path).catch(() => null);
    if (name.endsWith('.wasm') && made && Date.now() - made.mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  return readFile(path).catch(() => null);
}

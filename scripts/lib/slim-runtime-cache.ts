import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSlimRuntime, type SlimRuntime } from '../../onnx/runtime/slim-runtime.ts';
import { isRunning } from './directory-lock.ts';

const POLL_MS = 250;
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * The slim runtime and the full one beside it, from `cache` where this code built them from these bytes before. Of several
 * processes that need them, one builds them and the others wait. Rejects where they cannot be built.
 */
export async function provideSlimRuntime(stock: Uint8Array, cache: string): Promise<SlimRuntime> {
  const digest = await fingerprint(stock);
  const pathOf = (kind: keyof SlimRuntime) => join(cache, `${kind}-${digest}.wasm`);
  const built = async () => {
    const [slim, full] = await Promise.all([readIfThere(pathOf('slim')), readIfThere(pathOf('full'))]);
    return slim && full && { slim, full };
  };
  const already = await built();
  if (already) return already;
  await mkdir(cache, { recursive: true });
  const lockPath = `${pathOf('slim')}.lock`;
  const lock = await takeLock(lockPath, built);
  if (lock.waitedFor) return lock.waitedFor;
  try {
    const made = await makeSlimRuntime(stock);
    await removeOld(cache);
    await write(pathOf('full'), made.full);
    await write(pathOf('slim'), made.slim);
    return made;
  } finally {
    await rm(lockPath, { force: true });
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, bytes);
  await rename(part, path);
}

const ONNX = resolve(import.meta.dirname, '../../onnx');
const MAKER = join(ONNX, 'runtime');
/** The files that onnx/runtime uses of other folders. */
const USED = [
  '../common/bytes.ts',
  ...['encode-text', 'first-graph', 'onnx-fields', 'session', 'split-graph', 'switchable-runtime'].map(
    (name) => `${name}.ts`,
  ),
];

/** A digest of everything that decides the slim runtime's bytes: the stock one, and the code that makes it. */
async function fingerprint(stock: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(stock);
  const names = await readdir(MAKER, { recursive: true });
  const makers = names.filter((it) => it.endsWith('.ts') && !it.endsWith('.test.ts')).sort();
  for (const path of [...makers.map((name) => join('runtime', name)), ...USED])
    hash.update(`\n${path}\n`).update(await readFile(join(ONNX, path)));
  return hash.digest('hex').slice(0, 16);
}

/** Takes a lock, or waits for the file that its holder makes. The lock of a process that has ended is taken over. */
async function takeLock<T>(path: string, made: () => Promise<T | null>): Promise<{ waitedFor: T | null }> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      // Another process may have made the file between the first look and the lock.
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
    // Two processes may take it over at once: both make the same bytes, each in a file of its own.
    if (!isRunning(holder)) await rm(path, { force: true });
  }
}

/** Removes runtimes of other versions. Recent ones stay, because another checkout may share the packages and so the cache. */
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

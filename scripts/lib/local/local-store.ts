import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { R2Bucket } from '@cloudflare/workers-types';
import { type Binding, noSuchBinding, type ObjectStore } from '../model/object-store.ts';

/** How the simulator says so: in the words of R2's API, or in none. */
const BUSY = /Unspecified error|internal error/;
const BUSY_ATTEMPTS = 20;
const BUSY_DELAY_MS = 50;

/** Opens a bucket of an environment on this machine: the one that `wrangler dev --persist-to directory` serves. */
export async function openLocalStore(
  environment: string,
  directory: string,
  binding: Binding = 'MODELS',
): Promise<ObjectStore> {
  // Wrangler takes seconds to load, and most commands end before they need it.
  const { getPlatformProxy } = await import('wrangler');
  const { env, dispose } = await quietly(() =>
    getPlatformProxy<Partial<Record<Binding, R2Bucket>>>({
      configPath: join(import.meta.dirname, '../../../wrangler.toml'),
      environment,
      // wrangler's command line appends the version of its state's layout itself; this function does not.
      persist: { path: join(directory, 'v3') },
      remoteBindings: false,
    }),
  );
  const bucket = env[binding];
  if (!bucket) {
    await dispose();
    throw noSuchBinding(environment, binding);
  }
  return {
    name: `the local R2 of ${environment} in ${directory}`,
    async get(key) {
      const object = await persist(() => bucket.get(key));
      return object && { bytes: new Uint8Array(await object.arrayBuffer()), etag: object.etag };
    },
    async put(key, bytes, { contentType, condition }) {
      const onlyIf = condition === 'absent' ? { etagDoesNotMatch: '*' } : { etagMatches: condition.etag };
      const object = await persist(() => bucket.put(key, bytes, { httpMetadata: { contentType }, onlyIf }));
      return object?.etag ?? null;
    },
    async list(prefix) {
      const keys: string[] = [];
      let page = await persist(() => bucket.list({ prefix }));
      keys.push(...page.objects.map(({ key }) => key));
      while (page.truncated) {
        const { cursor } = page;
        page = await persist(() => bucket.list({ prefix, cursor }));
        keys.push(...page.objects.map(({ key }) => key));
      }
      return keys.sort();
    },
    remove: (keys) => persist(() => bucket.delete([...keys])),
    close: dispose,
  };
}

/** Where another process, the worker say, holds the simulator's database, the operation fails without an effect. */
async function persist<T>(operation: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt === BUSY_ATTEMPTS || !BUSY.test(String(error))) throw error;
      await sleep(Math.random() * BUSY_DELAY_MS * attempt);
    }
  }
}

/** Wrangler warns of missing secrets, which storing objects does not need; it has no option for that, only a variable. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const level = process.env['WRANGLER_LOG'];
  process.env['WRANGLER_LOG'] = 'error';
  try {
    return await work();
  } finally {
    if (level === undefined) delete process.env['WRANGLER_LOG'];
    else process.env['WRANGLER_LOG'] = level;
  }
}

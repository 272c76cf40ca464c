import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { R2Bucket } from '@cloudflare/workers-types';
import { type Binding, noSuchBinding, type ObjectStore } from '../model/object-store.ts';

/** How the simulator says so: in the words of R2's API, or in none. */
const BUSY = /Unspecified error|internal error/;
const BUSY_ATTEMPTS = 20;
const BUSY_DELAY_MS = 50;

/** Opens a bucket of an environment on this machine: the one that the local Worker serves. */
export async function openLocalStore(
  environment: string,
  directory: string,
  binding: Binding = 'MODELS',
): Promise<ObjectStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Wrangler takes seconds to load, and most commands end before they need it.
  const { getPlatformProxy } = await import('wrangler');
  const { env, dispose } = await alone(() =>
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

/**
 * Wrangler warns of missing secrets, which storing objects does not need. It also tells other Workers of the machine where this
 * one is, and opens a port for them that asks for nothing; without a registry it does not. It has no options for that, only
 * variables.
 */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  const variables = { WRANGLER_LOG: 'error', WRANGLER_REGISTRY_PATH: '' };
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binding, noSuchBinding, type ObjectStore } from '../model/object-store.ts';
import { readEnvironmentConfig } from '../wrangler-config.ts';

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
  const config = readEnvironmentConfig(environment);
  const bucketName = config.r2_buckets.find((it) => it.binding === binding)?.bucket_name;
  if (!bucketName) throw noSuchBinding(environment, binding);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // The simulator takes a second to load, and most commands end before they need it. Wrangler, which npm start runs, takes longer.
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare');
  const simulator = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: '',
      r2Buckets: { [binding]: bucketName },
      // wrangler appends the version of its state's layout itself.
      resourcePersistencePath: join(resolve(directory), 'v3'),
    }),
  );
  const bucket = await simulator.getR2Bucket(binding);
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
    close: () => simulator.dispose(),
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

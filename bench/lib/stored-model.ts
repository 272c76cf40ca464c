import { createHash } from 'node:crypto';
import { seed } from '../../scripts/lib/local/seed.ts';
import type { ModelFolder } from '../../scripts/lib/model/model-folder.ts';
import type { ObjectStore } from '../../scripts/lib/model/object-store.ts';

/** The objects of R2 once the model is stored and active: bytes by key. */
export async function storedModel(model: ModelFolder): Promise<ReadonlyMap<string, Uint8Array>> {
  const objects = new Map<string, Uint8Array>();
  const store: ObjectStore = {
    name: 'memory',
    async get(key) {
      const bytes = objects.get(key);
      return bytes ? { bytes, etag: etagOf(bytes) } : null;
    },
    async put(key, bytes, { condition }) {
      const present = objects.get(key);
      if (condition === 'absent' ? present : !present || etagOf(present) !== condition.etag) return null;
      objects.set(key, bytes);
      return etagOf(bytes);
    },
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    async remove(keys) {
      for (const key of keys) objects.delete(key);
    },
    async close() {},
  };
  await seed(store, model);
  return objects;
}

function etagOf(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

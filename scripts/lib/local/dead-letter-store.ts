import type { DeadLetterStore } from '../../../workers/store/dead-letters.ts';
import type { ObjectStore } from '../model/object-store.ts';

/** The dead letters of a bucket. Each prefix is listed once: letters that come later are not seen. */
export function deadLettersInStore(store: ObjectStore): DeadLetterStore {
  const listed = new Map<string, string[]>();
  return {
    async list(prefix, limit, after) {
      const keys = listed.get(prefix) ?? (await store.list(prefix));
      listed.set(prefix, keys);
      const rest = keys.filter((key) => after === null || key > after);
      return { keys: rest.slice(0, limit), more: rest.length > limit };
    },
    async read(key) {
      const object = await store.get(key);
      return object && new TextDecoder().decode(object.bytes);
    },
    async write(key, text) {
      // A dead letter never changes under its key.
      await store.put(key, new TextEncoder().encode(text), { contentType: 'application/json', condition: 'absent' });
    },
    remove: (keys) => store.remove(keys),
  };
}

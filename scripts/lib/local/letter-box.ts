import type { LetterBox } from '../../../workers/store/letters.ts';
import type { ObjectStore } from '../model/object-store.ts';

/** The letters in a bucket, as they were when they were first listed. */
export function letterBoxOf(store: ObjectStore): LetterBox {
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
      // A letter never changes under its key.
      await store.put(key, new TextEncoder().encode(text), { contentType: 'application/json', condition: 'absent' });
    },
    remove: (keys) => store.remove(keys),
  };
}

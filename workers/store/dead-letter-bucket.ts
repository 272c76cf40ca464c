import type { DeadLetterStore } from './dead-letters.ts';

/** Dead letters in an R2 bucket. */
export function deadLettersInBucket(bucket: R2Bucket): DeadLetterStore {
  return {
    async list(prefix, limit, after) {
      const { objects, truncated } = await bucket.list({ prefix, limit, ...(after !== null && { startAfter: after }) });
      return { keys: objects.map(({ key }) => key), more: truncated };
    },
    async read(key) {
      return (await (await bucket.get(key))?.text()) ?? null;
    },
    async write(key, text) {
      await bucket.put(key, text, { httpMetadata: { contentType: 'application/json' } });
    },
    remove: (keys) => bucket.delete([...keys]),
  };
}

import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../scripts/lib/model/object-store.ts';

export type MemoryStore = ObjectStore & {
  objects: Map<string, { bytes: Uint8Array; etag: string }>;
  /** The calls so far, in order, as "put channels/active.json". */
  calls: string[];
  /**
   * Fails one call: the next one is number 0. A call that fails `after` took effect, as where the process was killed or the
   * answer got lost.
   */
  failAt(call: number, when: 'before' | 'after'): void;
  /** Puts this object just before the next put of its key: somebody else was quicker. */
  rival(key: string, bytes: Uint8Array): void;
};

/** A bucket in memory that fails at the call that a test names. */
export function createMemoryStore(): MemoryStore {
  const objects: MemoryStore['objects'] = new Map();
  const calls: string[] = [];
  const rivals = new Map<string, Uint8Array>();
  let fault: { at: number; when: 'before' | 'after' } | null = null;

  async function call<T>(name: string, effect: () => T): Promise<T> {
    const when = fault?.at === calls.length ? fault.when : null;
    calls.push(name);
    if (when === 'before') throw new Error(`${name} failed`);
    const result = effect();
    if (when === 'after') throw new Error(`${name} got no answer`);
    return result;
  }

  function store(key: string, bytes: Uint8Array): string {
    const etag = createHash('md5').update(bytes).digest('hex');
    objects.set(key, { bytes, etag });
    return etag;
  }

  return {
    name: 'the bucket in memory',
    objects,
    calls,
    failAt(at, when) {
      fault = { at: calls.length + at, when };
    },
    rival: (key, bytes) => void rivals.set(key, bytes),
    get: (key) => call(`get ${key}`, () => objects.get(key) ?? null),
    put: (key, bytes, { condition }) =>
      call(`put ${key}`, () => {
        const theirs = rivals.get(key);
        if (theirs && rivals.delete(key)) store(key, theirs);
        const wanted = condition === 'absent' ? undefined : condition.etag;
        return objects.get(key)?.etag === wanted ? store(key, bytes) : null;
      }),
    list: (prefix) =>
      call(`list ${prefix}`, () =>
        Array.from(objects.keys())
          .filter((key) => key.startsWith(prefix))
          .sort(),
      ),
    remove: (keys) =>
      call(`remove ${keys.join(' ')}`, () => {
        for (const key of keys) objects.delete(key);
      }),
    async close() {
      // Memory has nothing to close.
    },
  };
}

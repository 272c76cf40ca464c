import type { VersionId } from '../../common/contract/active-pointer.ts';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor } from '../ports.ts';
import { Lease } from './lease.ts';
import type { LoadedVersion } from './load-model.ts';

type Options = {
  /** Loads a version; null where there is none of this name and number. */
  load: (id: VersionId) => Promise<LoadedVersion | null>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: its other waiters depend on it. */
  keepAlive: (work: Promise<unknown>) => void;
};

/**
 * An isolate has 128 MB for everything, the version that serves included. A session takes a few times the bytes of its
 * graph, so both are bounded; a single larger graph may be the only one.
 */
const MAX_VERSIONS = 3;
const MAX_GRAPH_BYTES = 16 * 1024 * 1024;
/** A load that takes longer was cut off together with the request that started it. */
const STALLED_MS = 20_000;
const POLL_MS = 1000;

/** Keeps versions that were asked for by number in memory: those that were used last, as many as there is room for. */
export class StoredVersions {
  readonly #options: Options;
  /** By name and number, the one that was used last at the end. */
  readonly #leases = new Map<string, Lease>();
  #pending: { key: string; since: number; load: Promise<boolean> } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Throws `not-found` where the version is not stored, `model-unavailable` where it cannot be loaded. */
  async use<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>): Promise<T> {
    const key = `${id.name}/${id.version}`;
    for (;;) {
      // Taken and lent in one go: between the two, the version could be released.
      const lease = this.#leases.get(key);
      if (lease) {
        this.#leases.delete(key);
        this.#leases.set(key, lease);
        return lease.lend(work);
      }
      if (!(await this.#load(key, id)))
        throw new ProblemError('not-found', { detail: `There is no version ${id.version} of a model ${id.name}.` });
    }
  }

  /** One load at a time, so that two graphs are never read at once. Resolves to whether there is such a version. */
  async #load(key: string, id: VersionId): Promise<boolean> {
    const { now, keepAlive } = this.#options;
    for (;;) {
      const pending = this.#pending;
      if (!pending || now() - pending.since >= STALLED_MS) break;
      if (pending.key === key) return pending.load;
      await Promise.race([pending.load.catch(() => undefined), scheduler.wait(POLL_MS)]);
      if (this.#leases.has(key)) return true;
    }
    const attempt = { key, since: now(), load: this.#loadNow(key, id) };
    this.#pending = attempt;
    const done = attempt.load
      .catch(() => undefined)
      .then(() => {
        if (this.#pending === attempt) this.#pending = null;
      });
    keepAlive(done);
    return attempt.load;
  }

  async #loadNow(key: string, id: VersionId): Promise<boolean> {
    let loaded: LoadedVersion | null;
    try {
      loaded = await this.#options.load(id);
    } catch (cause) {
      logEvent('error', 'model version not loaded', { ...id, cause: causeOf(cause) });
      throw new ProblemError('model-unavailable', {
        detail: `Version ${id.version} of ${id.name} cannot be loaded. Try again in a few seconds, or ask for another one.`,
        cause,
      });
    }
    if (!loaded) return false;
    const lease = new Lease(loaded, this.#options.keepAlive);
    // Given up as stalled, and overtaken by another load since.
    if (this.#leases.has(key)) lease.retire();
    else {
      this.#leases.set(key, lease);
      logEvent('info', 'model version loaded', { ...id, previous: null });
      this.#makeRoom();
    }
    return true;
  }

  #makeRoom(): void {
    let bytes = 0;
    for (const { loaded } of this.#leases.values()) bytes += loaded.predictor.contract.graph.bytes;
    for (const [key, lease] of this.#leases) {
      if (this.#leases.size === 1 || (this.#leases.size <= MAX_VERSIONS && bytes <= MAX_GRAPH_BYTES)) return;
      bytes -= lease.loaded.predictor.contract.graph.bytes;
      this.#leases.delete(key);
      lease.retire();
    }
  }
}

import type { VersionId } from '../../common/contract/active-pointer.ts';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor } from '../ports.ts';
import { Lease } from './lease.ts';
import type { LoadedVersion } from './loaded-version.ts';
import { SingleLoad } from './single-load.ts';

type Options = {
  /** Loads a version; resolves to null if none has this name and number. */
  load: (id: VersionId) => Promise<LoadedVersion | null>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: other requests wait for it, too. */
  keepAlive: (work: Promise<unknown>) => void;
};

/**
 * An isolate has 128 MB for everything, the version that serves included. A session takes a few times the bytes of its graph, so
 * both the number and the bytes are bounded. A larger graph is kept if it is the only one.
 */
const MAX_VERSIONS = 3;
const MAX_GRAPH_BYTES = 16 * 1024 * 1024;
/** How often a request that waits for another version's load looks whether it may start its own. */
const POLL_MS = 1000;

/** Keeps versions that are asked for by number in memory: the last used ones, as many as there is room for. */
export class StoredVersions {
  readonly #options: Options;
  /** By name and number; the last used one is at the end. */
  readonly #leases = new Map<string, Lease>();
  /** Resolves to whether there is such a version. */
  readonly #loading: SingleLoad<boolean>;

  constructor(options: Options) {
    this.#options = options;
    this.#loading = new SingleLoad(options);
  }

  /** Throws `not-found` where the version is not stored, `model-unavailable` where it cannot be loaded. */
  async use<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>): Promise<T> {
    const key = `${id.name}/${id.version}`;
    for (;;) {
      // Nothing is awaited between taking the lease and lending it: the version could be released meanwhile.
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

  /** Loads one version at a time, so that two graphs are never read at once. Resolves to whether there is such a version. */
  async #load(key: string, id: VersionId): Promise<boolean> {
    for (;;) {
      const loading = this.#loading.current();
      if (!loading) return this.#loading.start(key, () => this.#loadNow(key, id));
      if (loading.name === key) return loading.result;
      await Promise.race([loading.result.catch(() => undefined), scheduler.wait(POLL_MS)]);
      if (this.#leases.has(key)) return true;
    }
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
    // This load stalled, and another one has loaded the version since.
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

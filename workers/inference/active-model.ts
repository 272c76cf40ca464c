import { sameVersion, type VersionId } from '../../common/contract/active-pointer.ts';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor } from '../ports.ts';
import { Lease } from './lease.ts';
import type { LoadedVersion } from './load-model.ts';

/** A loaded version, and the etag of the pointer that named it. */
export type Loaded = LoadedVersion & {
  /** Renewed where another pointer names the same version. */
  etag: string;
};

/** The pointer was read, and what it names cannot be loaded: another version than the one that serves was wanted. */
export class UnloadableVersion extends Error {}

type Options = {
  /** Loads what the active pointer names. Resolves to `current` itself while the pointer has not changed. */
  load: (current: Loaded | null) => Promise<Loaded>;
  /** How long a loaded version serves before the pointer is read again. */
  refreshMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: its other waiters depend on it. */
  keepAlive: (work: Promise<unknown>) => void;
};

/**
 * A version that was not checked for longer, in an isolate that had nothing to do, is checked before it answers: a switch must
 * be live within 30 s.
 */
const MAX_STALE_MS = 25_000;
/** How long such a check may hold a request up before the version that is there answers. */
const MAX_WAIT_MS = 3000;
/** Without a version to serve, a failed load is not tried again before this time: each try may read the whole model. */
const RETRY_MS = 1000;
/** A load that takes longer was cut off together with the request that started it. */
const STALLED_MS = 20_000;

/**
 * Keeps the active model version in memory, one an isolate. The first request waits for the load; afterwards requests are
 * never held up: the pointer is read again in the background, and a version that cannot be loaded leaves the old one
 * serving. A version that was replaced is released when the last request that uses it is done.
 */
export class ActiveModel {
  readonly #options: Options;
  #lease: Lease<Loaded> | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #pending: { attempt: object; since: number; load: Promise<void> } | null = null;
  #failed: { at: number; problem: ProblemError } | null = null;
  #updateFailedAt: number | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Gives the version that serves to `work`, and keeps it loaded until the work is done. Throws `model-unavailable` while
   * none can be loaded.
   */
  async use<T>(work: (predictor: Predictor) => Promise<T>): Promise<T> {
    await this.#ensureCurrent();
    // Taken and counted in one go: between the two, the version could be replaced and released.
    const lease = this.#lease;
    if (!lease) throw new ProblemError('model-unavailable', { cause: new Error('no version is loaded') });
    return lease.lend(work);
  }

  /** As `use`, if it is this version that serves; null if it is another one, or none. */
  async useIf<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>): Promise<{ result: T } | null> {
    await this.#ensureCurrent().catch(() => undefined);
    const lease = this.#lease;
    return lease && sameVersion(lease.loaded.predictor.contract, id) ? { result: await lease.lend(work) } : null;
  }

  /** When the version that was activated last could not be loaded, so that an older one still serves; else null. */
  updateFailedAt(): Date | null {
    return this.#updateFailedAt === null ? null : new Date(this.#updateFailedAt);
  }

  async #ensureCurrent(): Promise<void> {
    const { now, refreshMs } = this.#options;
    const age = now() - this.#checkedAt;
    if (this.#lease && age < refreshMs) return;
    const refreshed = this.#refresh();
    if (!this.#lease) await refreshed;
    else if (age >= MAX_STALE_MS) await Promise.race([refreshed.catch(() => undefined), scheduler.wait(MAX_WAIT_MS)]);
    else refreshed.catch(() => undefined);
  }

  /** At most one load at a time; whoever asks meanwhile waits for it. */
  #refresh(): Promise<void> {
    const { now, keepAlive } = this.#options;
    if (!this.#lease && this.#failed && now() - this.#failed.at < RETRY_MS) return Promise.reject(this.#failed.problem);
    if (this.#pending && now() - this.#pending.since < STALLED_MS) return this.#pending.load;
    const attempt = {};
    const load = this.#load(attempt).finally(() => {
      if (this.#pending?.attempt === attempt) this.#pending = null;
    });
    this.#pending = { attempt, since: now(), load };
    keepAlive(load.catch(() => undefined));
    return load;
  }

  async #load(attempt: object): Promise<void> {
    const { load, now } = this.#options;
    const before = this.#lease;
    try {
      const loaded = await load(before?.loaded ?? null);
      // Given up as stalled, and overtaken by another load since.
      if (this.#pending?.attempt !== attempt) {
        if (loaded !== before?.loaded) await loaded.release();
        return;
      }
      this.#checkedAt = now();
      this.#failed = null;
      this.#updateFailedAt = null;
      if (loaded !== before?.loaded) this.#replace(loaded);
    } catch (cause) {
      const problem = new ProblemError('model-unavailable', { cause });
      logEvent('error', 'model version not loaded', {
        cause: causeOf(cause),
        serving: before?.loaded.predictor.contract.version ?? null,
      });
      this.#checkedAt = now();
      this.#failed = { at: now(), problem };
      if (before && cause instanceof UnloadableVersion) this.#updateFailedAt = now();
      throw problem;
    }
  }

  #replace(loaded: Loaded): void {
    const old = this.#lease;
    const { name, version } = loaded.predictor.contract;
    const previous = old?.loaded.predictor.contract.version ?? null;
    logEvent('info', 'model version loaded', { name, version, previous });
    this.#lease = new Lease(loaded, this.#options.keepAlive);
    old?.retire();
  }
}

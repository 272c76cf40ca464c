import {
  type ActivePointer,
  sameVersion,
  servedVersions,
  uniqueVersions,
  type VersionId,
  withdrawalOf,
} from '../../common/contract/active-pointer.ts';
import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor, UpdateFailure } from '../ports.ts';
import { Lease } from './lease.ts';
import { type ActiveVersion, NothingActive, UnloadableVersion, UnsignedVersion } from './loaded-version.ts';
import { SingleLoad } from './single-load.ts';

type Options = {
  /** Loads the version that the active pointer names. Resolves to `current` itself while the pointer has not changed. */
  load: (current: ActiveVersion | null) => Promise<ActiveVersion>;
  /** How long a loaded version serves before the pointer is read again. */
  refreshMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: other requests wait for it, too. */
  keepAlive: (work: Promise<unknown>) => void;
};

/**
 * An idle isolate does not read the pointer. A version that was not checked for this long is checked before it answers: a switch
 * must be live within 30 s.
 */
const MAX_STALE_MS = 25_000;
/** How long such a check may delay a request. Then the version in memory answers. */
const MAX_WAIT_MS = 3000;
/** Without a version to serve, a failed load is tried again only after this time: each try may read the whole model. */
const RETRY_MS = 1000;
const UNSIGNED =
  'The active model version is not signed by a key that this environment names, and is not loaded. A signed version must be activated.';

/**
 * Keeps the active model version of an isolate in memory. The first request waits for the load. Later requests do not wait: the
 * pointer is read again in the background, and the old version goes on serving if the new one cannot be loaded. A withdrawn
 * version serves no longer, whatever comes after it. A replaced version is released when the last request that uses it is done.
 */
export class ActiveModel {
  readonly #options: Options;
  #lease: Lease<ActiveVersion> | null = null;
  /** The pointer that was read last, also where its version cannot be loaded. */
  #pointer: ActivePointer | null = null;
  readonly #load: SingleLoad<void>;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #failed: { at: number; problem: ProblemError } | null = null;
  #updateFailure: UpdateFailure | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#load = new SingleLoad(options);
  }

  /** Gives the version that serves to `work`, and keeps it loaded meanwhile. Throws `model-unavailable` if none can be loaded. */
  async use<T>(work: (predictor: Predictor) => Promise<T>): Promise<T> {
    await this.#ensureCurrent();
    // Nothing is awaited between taking the lease and lending it: the version could be replaced and released meanwhile.
    const lease = this.#lease;
    if (!lease) throw new ProblemError('model-unavailable', { cause: new Error('no version is loaded') });
    return lease.lend(work);
  }

  /** Does the same if this version serves; resolves to null if another one serves, or none. */
  async useIf<T>(id: VersionId, work: (predictor: Predictor) => Promise<T>): Promise<{ result: T } | null> {
    await this.#ensureCurrent().catch(() => undefined);
    const lease = this.#lease;
    return lease && sameVersion(lease.loaded.predictor.contract, id) ? { result: await lease.lend(work) } : null;
  }

  /**
   * The versions that may be asked for by number: the one that serves, and those that the pointer names. Throws
   * `model-unavailable` until a pointer was read.
   */
  async served(): Promise<VersionId[]> {
    const failure = await this.#ensureCurrent().catch((error: unknown) => error);
    if (!this.#pointer) throw failure;
    const serving = this.#lease ? [idOf(this.#lease.loaded)] : [];
    return uniqueVersions([...serving, ...servedVersions(this.#pointer)]);
  }

  /** When the last activated version failed to load, while an older one still serves; else null. */
  updateFailure(): UpdateFailure | null {
    return this.#updateFailure;
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

  /** Starts a load, unless one is under way: then everybody waits for that one. */
  #refresh(): Promise<void> {
    const { now } = this.#options;
    if (!this.#lease && this.#failed && now() - this.#failed.at < RETRY_MS) return Promise.reject(this.#failed.problem);
    return (
      this.#load.current()?.result ?? this.#load.start('the active version', (isLatest) => this.#loadNow(isLatest))
    );
  }

  async #loadNow(isLatest: () => boolean): Promise<void> {
    const { load, now } = this.#options;
    const before = this.#lease;
    try {
      const loaded = await load(before?.loaded ?? null);
      if (!isLatest()) {
        if (loaded !== before?.loaded) await loaded.release();
        return;
      }
      this.#checkedAt = now();
      this.#failed = null;
      this.#updateFailure = null;
      this.#pointer = loaded.pointer;
      if (loaded !== before?.loaded) this.#replace(loaded);
    } catch (cause) {
      throw this.#fail(cause, before, isLatest());
    }
  }

  /** Notes a load that failed, obeys the pointer that it found, and returns what the callers are told. */
  #fail(cause: unknown, before: Lease<ActiveVersion> | null, isLatest: boolean): ProblemError {
    const at = this.#options.now();
    const isUnsigned = cause instanceof UnloadableVersion && cause.cause instanceof UnsignedVersion;
    const problem = new ProblemError('model-unavailable', { cause, ...(isUnsigned && { detail: UNSIGNED }) });
    logEvent('error', 'model version not loaded', {
      cause: causeOf(cause),
      serving: before?.loaded.predictor.contract.version ?? null,
    });
    this.#checkedAt = at;
    this.#failed = { at, problem };
    if (before && cause instanceof UnloadableVersion) this.#updateFailure = { at: new Date(at), isUnsigned };
    if (isLatest && (cause instanceof UnloadableVersion || cause instanceof NothingActive)) this.#obey(cause);
    return problem;
  }

  /** Follows a pointer that leads to no loaded version: what it withdraws serves no longer. */
  #obey(found: UnloadableVersion | NothingActive): void {
    this.#pointer = found.pointer;
    const lease = this.#lease;
    if (!lease) return;
    const id = idOf(lease.loaded);
    if (found instanceof UnloadableVersion && !withdrawalOf(found.pointer, id)) return;
    logEvent('warn', 'model version withdrawn', id);
    this.#lease = null;
    this.#updateFailure = null;
    lease.retire();
  }

  #replace(loaded: ActiveVersion): void {
    const old = this.#lease;
    const { name, version } = loaded.predictor.contract;
    const previous = old?.loaded.predictor.contract.version ?? null;
    logEvent('info', 'model version loaded', { name, version, previous });
    this.#lease = new Lease(loaded, this.#options.keepAlive);
    old?.retire();
  }
}

function idOf({ predictor }: ActiveVersion): VersionId {
  const { name, version } = predictor.contract;
  return { name, version };
}

import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { ModelStore, Predictor } from '../ports.ts';

/** A loaded version, and the etag of the pointer that named it. */
export type Loaded = {
  etag: string;
  predictor: Predictor;
  /** Frees the version's memory. The predictor must not be used afterwards. */
  release(): Promise<void>;
};

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

/** The version in use: how many requests are using it, and whether another has taken its place. */
type Lease = { loaded: Loaded; users: number; retired: boolean };

/** Without a version to serve, a failed load is not tried again before this time: each try may read the whole model. */
const RETRY_MS = 1000;
/** A load that takes longer was cut off together with the request that started it. */
const STALLED_MS = 20_000;

/**
 * Keeps the active model version in memory, one an isolate. The first request waits for the load; afterwards requests are
 * never held up: the pointer is read again in the background, and a version that cannot be loaded leaves the old one
 * serving. A version that was replaced is released when the last request that uses it is done.
 */
export class ActiveModel implements ModelStore {
  readonly #options: Options;
  #lease: Lease | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #pending: { since: number; load: Promise<Lease> } | null = null;
  #failed: { at: number; problem: ProblemError } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  async use<T>(work: (predictor: Predictor) => Promise<T>): Promise<T> {
    const lease = await this.#current();
    lease.users++;
    try {
      return await work(lease.loaded.predictor);
    } finally {
      lease.users--;
      this.#releaseIfDone(lease);
    }
  }

  updateFailedAt(): Date | null {
    return this.#failed && new Date(this.#failed.at);
  }

  async #current(): Promise<Lease> {
    const { now, refreshMs } = this.#options;
    const lease = this.#lease;
    if (!lease) return this.#refresh();
    if (now() - this.#checkedAt >= refreshMs) this.#refresh().catch(() => undefined);
    return lease;
  }

  /** At most one load at a time; whoever asks meanwhile waits for it. */
  #refresh(): Promise<Lease> {
    const { now, keepAlive } = this.#options;
    if (!this.#lease && this.#failed && now() - this.#failed.at < RETRY_MS) return Promise.reject(this.#failed.problem);
    if (this.#pending && now() - this.#pending.since < STALLED_MS) return this.#pending.load;
    const load = this.#load().finally(() => {
      if (this.#pending?.load === load) this.#pending = null;
    });
    this.#pending = { since: now(), load };
    keepAlive(load.catch(() => undefined));
    return load;
  }

  async #load(): Promise<Lease> {
    const { load, now } = this.#options;
    const before = this.#lease;
    try {
      const loaded = await load(before?.loaded ?? null);
      this.#checkedAt = now();
      this.#failed = null;
      return before?.loaded === loaded ? before : this.#replace(loaded);
    } catch (cause) {
      const problem = new ProblemError('model-unavailable', { cause });
      logEvent('error', 'model version not loaded', {
        cause: causeOf(cause),
        serving: before?.loaded.predictor.contract.version ?? null,
      });
      this.#checkedAt = now();
      this.#failed = { at: now(), problem };
      throw problem;
    }
  }

  #replace(loaded: Loaded): Lease {
    const old = this.#lease;
    const { name, version } = loaded.predictor.contract;
    const previous = old?.loaded.predictor.contract.version ?? null;
    logEvent('info', 'model version loaded', { name, version, previous });
    const lease = { loaded, users: 0, retired: false };
    this.#lease = lease;
    if (old) {
      old.retired = true;
      this.#releaseIfDone(old);
    }
    return lease;
  }

  #releaseIfDone(lease: Lease): void {
    if (!lease.retired || lease.users > 0) return;
    this.#options.keepAlive(
      lease.loaded.release().catch((error: unknown) => {
        logEvent('error', 'model version not released', { cause: causeOf(error) });
      }),
    );
  }
}

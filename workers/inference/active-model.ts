import { causeOf, ProblemError } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { ModelStore, Predictor } from '../ports.ts';

/** A loaded version and the etag of the pointer that named it. */
export type Loaded = { etag: string; predictor: Predictor };

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

/** A failed load is not tried again before this time: each try may read and hash the whole model. */
const RETRY_MS = 1000;
/** A load that takes longer was cut off together with the request that started it. */
const STALLED_MS = 20_000;

/**
 * Keeps the active model version in memory, one an isolate. The first request waits for the load; afterwards requests are
 * never held up: the pointer is read again in the background, and a version that cannot be loaded leaves the old one serving.
 */
export class ActiveModel implements ModelStore {
  readonly #options: Options;
  #loaded: Loaded | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #pending: { since: number; load: Promise<Loaded> } | null = null;
  #failed: { at: number; problem: ProblemError } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  async current(): Promise<Predictor> {
    const { now, refreshMs, keepAlive } = this.#options;
    if (this.#loaded && now() - this.#checkedAt < refreshMs) return this.#loaded.predictor;
    const load = this.#refresh();
    if (!this.#loaded) return (await load).predictor;
    keepAlive(load.catch(() => undefined));
    return this.#loaded.predictor;
  }

  /** At most one load at a time; whoever asks meanwhile waits for it. */
  #refresh(): Promise<Loaded> {
    const { now, keepAlive } = this.#options;
    if (this.#failed && now() - this.#failed.at < RETRY_MS) return Promise.reject(this.#failed.problem);
    if (this.#pending && now() - this.#pending.since < STALLED_MS) return this.#pending.load;
    const load = this.#load().finally(() => {
      if (this.#pending?.load === load) this.#pending = null;
    });
    this.#pending = { since: now(), load };
    keepAlive(load.catch(() => undefined));
    return load;
  }

  async #load(): Promise<Loaded> {
    const { load, now } = this.#options;
    try {
      const loaded = await load(this.#loaded);
      if (loaded !== this.#loaded) {
        const { name, version } = loaded.predictor.contract;
        logEvent('info', 'model version loaded', {
          name,
          version,
          previous: this.#loaded?.predictor.contract.version ?? null,
        });
      }
      this.#loaded = loaded;
      this.#checkedAt = now();
      this.#failed = null;
      return loaded;
    } catch (cause) {
      const problem = new ProblemError('model-unavailable', { cause });
      logEvent('error', 'model version not loaded', {
        cause: causeOf(cause),
        serving: this.#loaded?.predictor.contract.version ?? null,
      });
      this.#failed = { at: now(), problem };
      throw problem;
    }
  }
}

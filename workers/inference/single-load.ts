/** A load that takes longer was cut off together with the request that started it, and never settles. */
export const STALLED_MS = 20_000;

type Options = {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Lets a promise outlive the request that started it: other requests wait for it, too. */
  keepAlive: (work: Promise<unknown>) => void;
};

/** Keeps track of the one load that is under way, so that everybody who wants it waits for it, and gives up one that stalls. */
export class SingleLoad<T> {
  readonly #options: Options;
  #latest: object | null = null;
  #pending: { name: string; since: number; result: Promise<T> } | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The load that is under way; null if there is none, or if it has stalled. */
  current(): { name: string; result: Promise<T> } | null {
    const pending = this.#pending;
    return pending && this.#options.now() - pending.since < STALLED_MS ? pending : null;
  }

  /**
   * Starts a load. `isLatest` tells it, once it is done, whether it still counts: after a stall, another load may have been
   * started in its place.
   */
  start(name: string, load: (isLatest: () => boolean) => Promise<T>): Promise<T> {
    const { now, keepAlive } = this.#options;
    const attempt = {};
    this.#latest = attempt;
    const isLatest = () => this.#latest === attempt;
    const result = load(isLatest).finally(() => {
      if (isLatest()) this.#pending = null;
    });
    this.#pending = { name, since: now(), result };
    keepAlive(result.catch(() => undefined));
    return result;
  }
}

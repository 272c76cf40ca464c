import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor } from '../ports.ts';
import type { LoadedVersion } from './load-model.ts';

/** A loaded version and those who use it: once it is retired, it is released as soon as nobody does. */
export class Lease<T extends LoadedVersion = LoadedVersion> {
  readonly loaded: T;
  readonly #keepAlive: (work: Promise<unknown>) => void;
  #users = 0;
  #state: 'open' | 'retired' | 'released' = 'open';

  /** `keepAlive` lets the release outlive the request that was the last to use the version. */
  constructor(loaded: T, keepAlive: (work: Promise<unknown>) => void) {
    this.loaded = loaded;
    this.#keepAlive = keepAlive;
  }

  /** Gives the version to `work`. It is counted from the call on: a lease that is not released by then will not be during. */
  async lend<R>(work: (predictor: Predictor) => Promise<R>): Promise<R> {
    this.#users++;
    try {
      return await work(this.loaded.predictor);
    } finally {
      this.#users--;
      this.#releaseIfDone();
    }
  }

  retire(): void {
    if (this.#state === 'open') this.#state = 'retired';
    this.#releaseIfDone();
  }

  #releaseIfDone(): void {
    if (this.#state !== 'retired' || this.#users > 0) return;
    this.#state = 'released';
    this.#keepAlive(
      this.loaded.release().catch((error: unknown) => {
        logEvent('error', 'model version not released', { cause: causeOf(error) });
      }),
    );
  }
}

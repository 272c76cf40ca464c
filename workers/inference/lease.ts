import { causeOf } from '../errors.ts';
import { logEvent } from '../log.ts';
import type { Predictor } from '../ports.ts';
import type { LoadedVersion } from './loaded-version.ts';

/** A loaded version, and the number of its users. Once it is retired, it is released as soon as it has no user. */
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

  /** Gives the version to `work`. The use counts from the call on, so that the version is not released before the work ends. */
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

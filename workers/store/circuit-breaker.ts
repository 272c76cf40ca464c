/** How long a service is left alone after a failure that counts. */
const OPEN_MS = 30_000;

/** Remembers that a service failed, so that nothing waits for it again for 30 seconds. It is open while it keeps callers away. */
export class CircuitBreaker {
  readonly #now: () => Date;
  #openUntil = Number.NEGATIVE_INFINITY;

  constructor(now: () => Date) {
    this.#now = now;
  }

  isOpen(): boolean {
    return this.#now().getTime() < this.#openUntil;
  }

  open(): void {
    this.#openUntil = this.#now().getTime() + OPEN_MS;
  }
}

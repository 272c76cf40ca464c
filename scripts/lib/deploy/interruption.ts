import { UserError } from '../cli.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Interruption = {
  /** Aborted once somebody asks this process to stop. */
  signal: AbortSignal;
  /** Throws where that happened. */
  check(): void;
  /** Waits; throws as soon as somebody asks this process to stop. */
  wait(milliseconds: number): Promise<void>;
};

/**
 * From now on, a Ctrl-C does not end this process: the work notices it, undoes its changes, and ends by itself. Nor does the
 * loss of the reader of its output end it: a closed terminal, or a tee that the same Ctrl-C ended.
 */
export function watchInterruption(): Interruption {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (controller.signal.aborted) process.stderr.write('\nAlready stopping: what was changed is being undone.\n');
      controller.abort(name);
    });
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return interruptionBy(controller.signal);
}

export function interruptionBy(signal: AbortSignal): Interruption {
  const check = () => {
    if (signal.aborted) throw new UserError(`Stopped by ${signal.reason}.`);
  };
  return {
    signal,
    check,
    async wait(milliseconds) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, milliseconds);
        signal.addEventListener('abort', done);
        function done() {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        }
        if (signal.aborted) done();
      });
      check();
    },
  };
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Run } from './run-tests.ts';

/** A test that hangs has noticed the change. */
const TIMEOUT_MS = 180_000;
const STOP_MS = 10_000;

/** A process that runs test files in a tree, and keeps what it loaded: a new process for each run takes ten times as long. */
export class Runner {
  readonly #tree: string;
  #child: ChildProcess | null = null;
  /** The files that were put back since the last run. */
  #restored: string[] = [];

  constructor(tree: string) {
    this.#tree = tree;
  }

  changed(file: string): void {
    this.#restored.push(file);
  }

  /** Whether all tests of a file pass, in time. `changed`: the source that was changed for this run. */
  async passes(test: string, changed: string | null): Promise<boolean> {
    const project = test.startsWith('workers/') ? 'workers' : /^(common|page)\//.test(test) ? 'common' : 'scripts';
    this.#child ??= fork(join(import.meta.dirname, 'run-tests.ts'), { cwd: this.#tree, stdio: 'ignore' });
    const child = this.#child;
    const run: Run = { project, test, changed: [...this.#restored.splice(0), ...(changed === null ? [] : [changed])] };
    child.send(run);
    const [passed] = await once(child, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(async () => {
      await this.stop();
      return [false];
    });
    return passed === true;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    // It stops what it started, where it still can.
    child.disconnect();
    const killing = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(killing);
  }
}

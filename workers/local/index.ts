/**
 * The Worker as `npm start` runs it: the deployed one, plus a journal of its queue outside of it, so that stopping it loses no
 * message, plus a guard against foreign pages, plus faults on request. A deployment begins at ../index.ts and includes none of this.
 */

import worker from '../index.ts';
import { setClockAhead } from './clock.ts';
import { Faults } from './faults.ts';
import { consumeJournaled, withQueueJournal } from './journaled-queue.ts';
import { refuseForeignHost } from './loopback-guard.ts';
import { withFaults } from './with-faults.ts';

type LocalEnv = Env & {
  /** Where it answers: the address and the port, as in a URL. */
  LOCAL_HOST: string;
  /** The page's files. At Cloudflare, they are served before a Worker is asked. */
  ASSETS: Fetcher;
  /** The address at which `npm start` keeps the journal of the queue. */
  LOCAL_JOURNAL?: string;
  /** The address of the faults' state; absent without faults. */
  LOCAL_FAULTS?: string;
};

let faults = Faults.parse({});
const envs = new WeakMap<LocalEnv, Env>();

/** Gives the same object for the same `env`: the Worker keeps its services by the identity of `env`. */
async function prepare(env: LocalEnv): Promise<Env> {
  if (env.LOCAL_FAULTS) {
    faults = Faults.parse(await (await fetch(env.LOCAL_FAULTS)).json());
    setClockAhead(faults.clockMs);
  }
  const known = envs.get(env);
  if (known) return known;
  // The same at every start, like that of a deployed Worker. The local runtime makes up a new one each time.
  const same: Env = { ...env, WORKER_VERSION: { id: 'local', tag: '', timestamp: '' } };
  const journaled = env.LOCAL_JOURNAL ? withQueueJournal(same, env.LOCAL_JOURNAL) : same;
  const prepared = env.LOCAL_FAULTS ? withFaults(journaled, () => faults) : journaled;
  envs.set(env, prepared);
  return prepared;
}

export default {
  async fetch(request, env, context) {
    const refusal = refuseForeignHost(request, env.LOCAL_HOST);
    if (refusal) return refusal;
    // Without its body, which the Worker reads where there is no such file.
    const file = await env.ASSETS.fetch(new Request(request.url, { method: request.method, headers: request.headers }));
    return file.status === 404 ? worker.fetch(request, await prepare(env), context) : file;
  },
  async queue(batch, env) {
    const prepared = await prepare(env);
    if (faults.consumer === 'throwing') {
      // Without an inspector, nothing else writes down what a Worker throws.
      console.error('a fault that was asked for: the consumer throws');
      throw new Error('a fault that was asked for: the consumer throws');
    }
    await consumeJournaled(batch, env.LOCAL_JOURNAL, (journaled) => worker.queue(journaled, prepared));
  },
  async scheduled(controller, env) {
    await worker.scheduled(controller, await prepare(env));
  },
} satisfies ExportedHandler<LocalEnv>;

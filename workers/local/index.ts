/**
 * The Worker as `npm start` runs it: the one that is deployed, with its queue's messages noted outside, so that none is lost
 * when it is stopped, and with faults where they are asked for. What is deployed begins at ../index.ts and knows nothing of this.
 */

import worker from '../index.ts';
import { setClockAhead } from './clock.ts';
import { Faults } from './faults.ts';
import { withFaults } from './with-faults.ts';
import { noteSettled, withNotes } from './with-notes.ts';

type LocalEnv = Env & {
  /** The address at which `npm start` takes notes. */
  LOCAL_NOTES?: string;
  /** The address of the faults' state, where there are any. */
  LOCAL_FAULTS?: string;
};

let faults = Faults.parse({});
const envs = new WeakMap<LocalEnv, Env>();

/** One object for each that is given: what the Worker keeps for an environment, it keeps by its identity. */
async function prepare(env: LocalEnv): Promise<Env> {
  if (env.LOCAL_FAULTS) {
    faults = Faults.parse(await (await fetch(env.LOCAL_FAULTS)).json());
    setClockAhead(faults.clockMs);
  }
  const known = envs.get(env);
  if (known) return known;
  // As a deployed Worker has it, the same at every start; the local runtime makes one up each time.
  const same: Env = { ...env, WORKER_VERSION: { id: 'local', tag: '', timestamp: '' } };
  const noted = env.LOCAL_NOTES ? withNotes(same, env.LOCAL_NOTES) : same;
  const prepared = env.LOCAL_FAULTS ? withFaults(noted, () => faults) : noted;
  envs.set(env, prepared);
  return prepared;
}

export default {
  async fetch(request, env, context) {
    return worker.fetch(request, await prepare(env), context);
  },
  async queue(batch, env) {
    const prepared = await prepare(env);
    if (faults.consumer === 'throwing') throw new Error('a fault that was asked for: the consumer throws');
    await noteSettled(batch, env.LOCAL_NOTES, (noted) => worker.queue(noted, prepared));
  },
  async scheduled(controller, env) {
    await worker.scheduled(controller, await prepare(env));
  },
} satisfies ExportedHandler<LocalEnv>;

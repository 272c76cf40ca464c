import * as z from 'zod';
import { CpuProfile } from './cpu-profile.ts';

/** Fine enough for requests of a quarter of a millisecond. */
const SAMPLING_US = 200;

const Targets = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const Answer = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** Profiles a workerd process through its inspector while `work` runs. */
export async function profile(inspectorPort: number, work: () => Promise<unknown>): Promise<CpuProfile> {
  const targets = Targets.parse(await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json());
  // workerd has a target for each of its Workers.
  const target = targets.find(({ webSocketDebuggerUrl }) => webSocketDebuggerUrl.endsWith('/main'));
  if (!target) throw new Error(`workerd's inspector has no Worker "main": ${JSON.stringify(targets)}`);
  const call = await connect(target.webSocketDebuggerUrl);
  await call('Profiler.enable');
  await call('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await call('Profiler.start');
  await work();
  const { profile: taken } = z.object({ profile: CpuProfile }).parse(await call('Profiler.stop'));
  return taken;
}

async function connect(url: string): Promise<(method: string, params?: object) => Promise<unknown>> {
  const socket = new WebSocket(url);
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error(`${url} cannot be reached`)), { once: true });
  });
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = Answer.parse(JSON.parse(String(data)));
    const waiting = id === undefined ? undefined : pending.get(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  });
  let last = 0;
  return (method, params = {}) => {
    const id = ++last;
    const answer = Promise.withResolvers<unknown>();
    pending.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  };
}

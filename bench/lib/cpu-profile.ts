import type { SourceMap } from 'node:module';
import * as z from 'zod';

/** The fields of V8's profile that are used: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
        columnNumber: z.number(),
      }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof CpuProfile>;

/** Time spent in a function itself, in milliseconds, not in what it calls. */
export type SelfTime = { name: string; place: string; selfMs: number; share: number };

/** Frames that are not the Worker's: the thread waits, or V8 cannot say. */
const NOT_WORK = new Set(['(idle)', '(program)', '(root)']);
const WASM_NAME = /^wasm-function\[\d+\]$/;

/**
 * The functions that took the most time themselves, the longest first. Shares are of the time in which any code ran. One line
 * holds all of the WebAssembly without names. `map` leads from the bundle to the sources.
 */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, map: SourceMap | null): SelfTime[] {
  const microseconds = new Map<number, number>();
  for (const [i, id] of samples.entries()) microseconds.set(id, (microseconds.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  const byFunction = new Map<string, { name: string; place: string; us: number }>();
  let total = 0;
  for (const { id, callFrame } of nodes) {
    const us = microseconds.get(id) ?? 0;
    if (us === 0 || NOT_WORK.has(callFrame.functionName)) continue;
    total += us;
    const { name, place } = describeFrame(callFrame, map);
    const key = `${name} ${place}`;
    const entry = byFunction.get(key) ?? { name, place, us: 0 };
    byFunction.set(key, entry);
    entry.us += us;
  }
  return [...byFunction.values()]
    .sort((a, b) => b.us - a.us)
    .map(({ name, place, us }) => ({ name, place, selfMs: us / 1000, share: us / total }));
}

function describeFrame(frame: CpuProfile['nodes'][number]['callFrame'], map: SourceMap | null) {
  const { functionName, url, lineNumber, columnNumber } = frame;
  if (WASM_NAME.test(functionName) || url.startsWith('wasm://')) return { name: '(WebAssembly)', place: '' };
  const name = functionName || '(anonymous)';
  if (url === '') return { name, place: '(native)' };
  const origin = map?.findEntry(lineNumber, columnNumber);
  if (!origin || !('originalSource' in origin) || !origin.originalSource)
    return { name, place: `bundle:${lineNumber + 1}` };
  return { name, place: `${shortened(origin.originalSource)}:${origin.originalLine + 1}` };
}

/** From the repository's folders on, or from the package's. */
function shortened(source: string): string {
  return source.replace(/^.*node_modules\//, '').replace(/^(\.\.\/)+/, '');
}

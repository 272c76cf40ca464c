import { withBranchlessTrees } from './branchless-trees.ts';
import { type Outcome, runCases } from './case-run.ts';
import { startedRuntime } from './started-runtime.ts';
import { keepFunctions, markCalls } from './wasm-binary.ts';

/** Any seed will do: the set of called functions was found not to depend on it. */
const SEED = 1;
/** The name of an export that the runtime does not have. */
const MARKS = 'calledFunctions';
/** How many refused cases a message shows. */
const SHOWN = 3;

/** `slim` starts. `full` has the code of every function, and goes on in the memory that `slim` begins with. */
export type SlimRuntime = { slim: Uint8Array<ArrayBuffer>; full: Uint8Array<ArrayBuffer> };

/**
 * The runtime as it is after its start, with branchless trees, and without the functions that no case calls from there.
 * A call of a missing function ends the program: the slim runtime may fail, but never answers differently. The exception is
 * an output that ONNX Runtime leaves partly unset (see run-cases.ts): its unset bytes may differ. Making it takes some 20 s.
 * Two builds differ in some bytes of memory that nothing reads. Throws where the runtime refuses a case.
 */
export async function makeSlimRuntime(stock: Uint8Array): Promise<SlimRuntime> {
  const { whole, code } = await startedRuntime(withBranchlessTrees(stock));
  const { outcomes, calls } = await runCases({ wasm: markCalls(whole, MARKS), marks: MARKS, seed: SEED, rows: null });
  const refused = outcomes.filter(({ mustSucceed, refusal }) => mustSucceed && refusal !== null);
  if (refused.length > 0) throw new Error(`the runtime refuses ${refused.length} cases: ${listRefused(refused)}`);
  return { slim: keepFunctions(whole, (position) => calls[position] === 1), full: code };
}

function listRefused(refused: readonly Outcome[]): string {
  return refused
    .slice(0, SHOWN)
    .map(({ name, refusal }) => `${name}: ${refusal}`)
    .join('; ');
}

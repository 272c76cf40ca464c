import { binaryCases } from './cases/binary.ts';
import { type Case, isSkip } from './cases/case.ts';
import { contractCases } from './cases/contract.ts';
import { compressionCases, inferCases } from './cases/infer.ts';
import { refusalCases } from './cases/refusals.ts';
import { modelCases, serverCases } from './cases/server.ts';
import type { Subject } from './subject.ts';

/** Every case, by its subject. */
export const GROUPS: Record<string, readonly Case[]> = {
  server: serverCases,
  model: modelCases,
  inference: inferCases,
  compression: compressionCases,
  binary: binaryCases,
  'invalid requests': refusalCases,
  contract: contractCases,
};

/** `why`: what is wrong with the answer, or why the case does not apply. */
export type Outcome = { group: string; title: string; result: 'pass' | 'fail' | 'skip'; why: string | null };

/** Runs all cases, one after the other: a server that fails in one must still be there for the next. */
export async function runCases(subject: Subject): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [group, cases] of Object.entries(GROUPS)) {
    for (const one of cases) outcomes.push({ group, title: one.title, ...(await run(one, subject)) });
  }
  return outcomes;
}

async function run({ call, check }: Case, subject: Subject): Promise<Pick<Outcome, 'result' | 'why'>> {
  const made = call(subject);
  if (isSkip(made)) return { result: 'skip', why: made.skip };
  try {
    const why = check(await subject.send(made), subject);
    return { result: why === null ? 'pass' : 'fail', why };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return { result: 'fail', why: `no answer: ${error instanceof Error ? error.message : error}${cause}` };
  }
}

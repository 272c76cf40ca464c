import type { Outcome } from './run-cases.ts';

const SIGNS = { pass: 'ok  ', fail: 'FAIL', skip: 'skip' } as const;

/** A line for each case, what went wrong under it, and how many there are. */
export function formatReport(outcomes: readonly Outcome[]): string {
  const lines: string[] = [];
  let last: string | null = null;
  for (const { group, title, result, why } of outcomes) {
    if (group !== last) lines.push(...(last === null ? [] : ['']), group);
    last = group;
    lines.push(`  ${SIGNS[result]}  ${title}`);
    if (why !== null) lines.push(...why.split('\n').map((line) => `          ${line}`));
  }
  const { pass, fail, skip } = count(outcomes);
  return `${lines.join('\n')}\n\n${pass} passed, ${fail} failed, ${skip} skipped.`;
}

export function count(outcomes: readonly Outcome[]): Record<Outcome['result'], number> {
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const { result } of outcomes) counts[result]++;
  return counts;
}

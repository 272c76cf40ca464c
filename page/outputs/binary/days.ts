import type { BinaryOutcome } from '../../../common/contract/outputs/binary.ts';
import { meanOf } from '../../../common/history/statistics.ts';
import type { DayOutcomes } from '../output-charts.ts';

/** One day in UTC. `mean` is the mean probability; null on a day without predictions. */
export type Day = { date: string; count: number; mean: number | null; risks: ReadonlyMap<string, number> };

export function toDay({ date, outcomes }: DayOutcomes<BinaryOutcome>): Day {
  return { date, count: outcomes.length, mean: meanProbability(outcomes), risks: countRisks(outcomes) };
}

/** Null of no outcomes. */
export function meanProbability(outcomes: readonly BinaryOutcome[]): number | null {
  return meanOf(outcomes.map(({ probability }) => probability));
}

/** How many outcomes have each risk that occurs. */
export function countRisks(outcomes: readonly BinaryOutcome[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { risk } of outcomes) counts.set(risk, (counts.get(risk) ?? 0) + 1);
  return counts;
}

import type { ExplorePoint } from '../../../common/api/answers.ts';
import { roundStep } from '../../features/number-entry.ts';

export type Dot = { value: number; probability: number };

/** The points of a number that could be predicted, in runs: a line must not be drawn through values that are refused. */
export function runsOf(points: readonly ExplorePoint[]): Dot[][] {
  const runs: Dot[][] = [];
  let isBroken = true;
  for (const point of points) {
    if (!('risk' in point)) {
      isBroken = true;
      continue;
    }
    if (isBroken) runs.push([]);
    isBroken = false;
    if (typeof point.value === 'number') runs.at(-1)?.push({ value: point.value, probability: point.probability });
  }
  return runs;
}

/** The upper end of a scale of probabilities that shows the largest of them, in tenths. */
export function scaleOf(probabilities: readonly number[]): number {
  return Math.min(1, Math.max(0.1, Math.ceil(Math.max(0, ...probabilities) * 10 + 0.2) / 10));
}

/** Round values on a scale, about as many as asked for. */
export function ticksOf(min: number, max: number, about: number): number[] {
  if (max <= min) return [min];
  const step = roundStep((max - min) / about);
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  // Not by adding steps up: 0.1 + 0.2 is not 0.3.
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

import { type Interval, isWithin } from '../../common/contract/interval.ts';

/** The next larger of 1, 2 or 5 times a power of ten. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((it) => it * power).find((it) => it >= least * (1 - 1e-9)) ?? 10 * power;
}

/** The accepted number one above or below a value, as the arrow keys reach it; the value itself where there is none. */
export function nextNumber(value: number, direction: 1 | -1, accepted: Interval): number {
  // 31.01 + 1 is 32.01, where binary fractions make it 32.010000000000005.
  const moved = Number((value + direction).toPrecision(12));
  const next = Math.min(Math.max(moved, accepted.min), accepted.max);
  return isWithin(accepted, next) ? next : value;
}

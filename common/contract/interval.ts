import * as z from 'zod';

/** The largest finite float32: any number beyond would enter most graphs as an infinite one. */
const FLOAT32_MAX = 3.4028234663852886e38;

/** A bound that is left out is that of all numbers. */
const boundOr = (open: number) =>
  z
    .number()
    .optional()
    .transform((bound) => bound ?? open);

/** Whether a bound is that of all numbers, which need not be told. */
export function isOpen(bound: number): boolean {
  return Math.abs(bound) >= FLOAT32_MAX;
}

/** An interval of values in the feature's unit. Each bound is inclusive, unless it is marked as exclusive. */
export const Interval = z.strictObject({
  min: boundOr(-FLOAT32_MAX),
  max: boundOr(FLOAT32_MAX),
  exclusiveMin: z.boolean().default(false),
  exclusiveMax: z.boolean().default(false),
});
export type Interval = z.infer<typeof Interval>;

/** Which numbers a feature takes as they stand. */
export type NumberRules = { isInteger: boolean; accepted: Interval; refused: readonly { interval: Interval }[] };

export function isAccepted({ isInteger, accepted, refused }: NumberRules, value: number): boolean {
  if (!isWithin(accepted, value) || (isInteger && !Number.isInteger(value))) return false;
  for (const { interval } of refused) if (isWithin(interval, value)) return false;
  return true;
}

export function isWithin({ min, max, exclusiveMin, exclusiveMax }: Interval, value: number): boolean {
  return (exclusiveMin ? value > min : value >= min) && (exclusiveMax ? value < max : value <= max);
}

import * as z from 'zod';

/** An interval of values in the feature's unit. Each bound is inclusive, unless it is marked as exclusive. */
export const Interval = z.strictObject({
  min: z.number(),
  max: z.number(),
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

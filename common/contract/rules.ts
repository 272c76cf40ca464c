import * as z from 'zod';
import type { FeatureValue } from './features/kind.ts';
import { FieldName, Text } from './text.ts';

/** A relation between two numeric features, `left <= right + offset`. A record that breaks it is refused. */
const OrderRule = z.strictObject({
  id: z.string().min(1),
  type: z.literal('at-most'),
  left: FieldName,
  right: FieldName,
  offset: z.number().default(0),
  message: Text,
});

/** The combinations of categories that occur in training. Any other one is predicted, with a warning. */
const CombinationRule = z.strictObject({
  id: z.string().min(1),
  type: z.literal('seen-combinations'),
  fields: z.array(FieldName).min(2),
  combinations: z.array(z.array(z.string())).min(1),
  message: Text,
});

export const Rule = z.discriminatedUnion('type', [OrderRule, CombinationRule]);
export type Rule = z.infer<typeof Rule>;
export type OrderRule = z.infer<typeof OrderRule>;
export type CombinationRule = z.infer<typeof CombinationRule>;

/**
 * Whether `left <= right + offset`. It holds of two numbers only: nothing else is turned into one to be compared. A missing value
 * breaks no rule.
 */
export function isInOrder(left: FeatureValue | undefined, right: FeatureValue | undefined, offset: number): boolean {
  if (left === null || right === null) return true;
  return typeof left === 'number' && typeof right === 'number' && left <= right + offset;
}

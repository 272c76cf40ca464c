import * as z from 'zod';
import {
  type Contract,
  type Feature,
  type Interval,
  type NumericFeature,
  type OrderRule,
  Text,
} from '../contract/contract.ts';

/** A record that satisfies its contract: a category or a number for every feature, by name, in the contract's order. */
export type FeatureRecord = Readonly<Record<string, string | number>>;
/** The same without the names: a value for every feature, in the contract's order. */
export type FeatureValues = readonly (string | number)[];
export type RequestSchema = z.ZodType<FeatureRecord>;

/** The record of which these are the values. */
export function toRecord(
  { features }: Pick<Contract, 'features'>,
  values: FeatureValues,
): Record<string, string | number> {
  return Object.fromEntries(features.map(({ name }, at) => [name, values[at] ?? '']));
}

/** What the schema's own refinements say of themselves in an issue's `params`. */
export const RefinementParams = z.object({
  rule: z.string(),
  fields: z.array(z.string()),
  message: Text,
});
type RefinementParams = z.infer<typeof RefinementParams>;

/** The zod schema of one record in canonical spelling: every feature required, no other field, rules between fields. */
export function createRequestSchema(contract: Contract): RequestSchema {
  const shape: Record<string, z.ZodType<string | number>> = {};
  for (const feature of contract.features) shape[feature.name] = featureSchema(feature);
  let schema: RequestSchema = z.strictObject(shape);
  for (const rule of contract.rules) if (rule.type === 'at-most') schema = withOrder(schema, rule);
  return schema;
}

function featureSchema(feature: Feature): z.ZodType<string | number> {
  return feature.type === 'category' ? z.enum(feature.categories.map(({ value }) => value)) : numberSchema(feature);
}

function numberSchema({ name, type, accepted, refused }: NumericFeature): z.ZodType<number> {
  let schema: z.ZodType<number> = bounded(type === 'integer' ? z.number().check(isWhole) : z.number(), accepted);
  for (const { interval, hint } of refused) {
    schema = schema.refine((value) => !isWithin(interval, value), { params: explain('unit', [name], hint) });
  }
  return schema;
}

/** Not z.int(): its issues keep the rules between other fields from being checked. Nor multipleOf(1), which allows for a little. */
function isWhole({ value, issues }: z.core.ParsePayload<number>): void {
  if (!Number.isInteger(value)) issues.push({ code: 'not_multiple_of', divisor: 1, origin: 'number', input: value });
}

function bounded(schema: z.ZodNumber, { min, max, exclusiveMin, exclusiveMax }: Interval): z.ZodNumber {
  const withMin = exclusiveMin ? schema.gt(min) : schema.gte(min);
  return exclusiveMax ? withMin.lt(max) : withMin.lte(max);
}

export function isWithin({ min, max, exclusiveMin, exclusiveMax }: Interval, value: number): boolean {
  return (exclusiveMin ? value > min : value >= min) && (exclusiveMax ? value < max : value <= max);
}

function withOrder(schema: RequestSchema, { id, left, right, offset, message }: OrderRule): RequestSchema {
  return schema.refine((record) => Number(record[left]) <= Number(record[right]) + offset, {
    params: explain(id, [left, right], message),
    // Also when another field is wrong, so that one answer names everything there is to mend.
    when: ({ value, issues }) =>
      typeof value === 'object' && !issues.some(({ path = [] }) => path[0] === left || path[0] === right),
  });
}

function explain(rule: string, fields: string[], message: Text): RefinementParams {
  return { rule, fields, message };
}

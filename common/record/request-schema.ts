import * as z from 'zod';
import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import type { FeatureValue } from '../contract/features/kind.ts';
import { isInOrder, type OrderRule } from '../contract/rules.ts';
import type { RefinementParams } from './violation.ts';

/** A record that satisfies its contract: a value for every feature, by name, in the contract's order. */
export type FeatureRecord = Readonly<Record<string, FeatureValue>>;
/** The same without the names: a value for every feature, in the contract's order. */
export type FeatureValues = readonly FeatureValue[];
export type RequestSchema = z.ZodType<FeatureRecord>;

/** The record with these values. Throws where a feature has no value: the record was not validated. */
export function toRecord(
  { features }: Pick<Contract, 'features'>,
  values: FeatureValues,
): Record<string, FeatureValue> {
  return Object.fromEntries(features.map(({ name }, at) => [name, valueAt(values, at)]));
}

/** The value at a position; null for a missing value. Throws a TypeError where the list has no such position. */
export function valueAt(values: FeatureValues, at: number): FeatureValue {
  const value = values[at];
  if (value === undefined) throw new TypeError(`The record has no value ${at}: it was not validated.`);
  return value;
}

/** The zod schema of one record in canonical spelling: each feature required that may not be left out, no other field, rules between fields. */
export function createRequestSchema(contract: Contract): RequestSchema {
  const shape: Record<string, z.ZodType<FeatureValue>> = {};
  for (const feature of contract.features) {
    const { schema, missing } = featureKind(feature);
    shape[feature.name] = missing === 'missing' ? schema().default(null) : schema();
  }
  let schema: RequestSchema = z.strictObject(shape);
  for (const rule of contract.rules) if (rule.type === 'at-most') schema = withOrder(schema, rule);
  return schema;
}

function withOrder(schema: RequestSchema, { id, left, right, offset, message }: OrderRule): RequestSchema {
  const params: RefinementParams = { rule: id, fields: [left, right], message };
  return schema.refine((record) => isInOrder(record[left], record[right], offset), {
    params,
    // Also when another field is wrong, so that one answer names everything there is to mend.
    when: ({ value, issues }) =>
      typeof value === 'object' && !issues.some(({ path = [] }) => path[0] === left || path[0] === right),
  });
}

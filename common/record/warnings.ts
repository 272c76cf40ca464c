import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import type { FeatureValue } from '../contract/features/kind.ts';
import type { CombinationRule } from '../contract/rules.ts';
import { type FeatureValues, valueAt } from './request-schema.ts';
import type { Warning } from './violation.ts';

/** Compiles a contract into a function that warns of values and combinations that training has not seen. */
export function createWarner({ features, rules }: Contract): (values: FeatureValues) => Warning[] {
  const positionOf = (field: string) => features.findIndex(({ name }) => name === field);
  const ranges = features.flatMap((feature, at) => {
    const range = featureKind(feature).createRangeWarner();
    return range ? [{ at, ...range }] : [];
  });
  const others = features.flatMap((feature, at) => {
    const { warnOfValue } = featureKind(feature);
    return warnOfValue ? [{ at, warnOfValue }] : [];
  });
  const combinations = rules.flatMap((rule) =>
    rule.type === 'seen-combinations'
      ? [{ warning: unseen(rule), positions: rule.fields.map(positionOf), seen: toTree(rule.combinations) }]
      : [],
  );
  return (values) => {
    const warnings: Warning[] = [];
    for (const { at, min, max, warn } of ranges) {
      const value = values[at];
      if (typeof value === 'number' && (value < min || value > max)) warnings.push(warn(value));
    }
    for (const { at, warnOfValue } of others) warnings.push(...warnOfValue(valueAt(values, at)));
    for (const { warning, positions, seen } of combinations) {
      if (!isInTree(seen, positions, values)) warnings.push(warning);
    }
    return warnings;
  };
}

function unseen({ fields, message }: CombinationRule): Warning {
  return { fields, code: 'unseen-combination', message };
}

/** Combinations by their first value, then by their second one, and so on. */
type Tree = Map<FeatureValue, Tree>;

function toTree(combinations: CombinationRule['combinations']): Tree {
  const root: Tree = new Map();
  for (const values of combinations) {
    let node = root;
    for (const value of values) {
      const next = node.get(value) ?? new Map();
      node.set(value, next);
      node = next;
    }
  }
  return root;
}

/** A combination with a missing value is none that training could have seen: nothing is said of it. */
function isInTree(root: Tree, positions: readonly number[], values: FeatureValues): boolean {
  let node: Tree | undefined = root;
  let isWhole = true;
  for (const at of positions) {
    const value = valueAt(values, at);
    if (value === null) isWhole = false;
    node = node?.get(value);
  }
  return node !== undefined || !isWhole;
}

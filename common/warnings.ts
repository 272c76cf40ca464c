import type { CombinationRule, Contract, NumericFeature } from './contract.ts';
import type { FeatureRecord } from './request-schema.ts';
import type { Warning } from './violation.ts';

/** Compiles what a contract's training data was like into a function that says what of a valid record is unusual. */
export function createWarner({ features, rules }: Contract): (record: FeatureRecord) => Warning[] {
  const numeric = features.flatMap((feature) => (feature.type === 'category' ? [] : [rangeOf(feature)]));
  const combinations = rules.flatMap((rule) =>
    rule.type === 'seen-combinations' ? [{ ...rule, seen: toTree(rule.combinations) }] : [],
  );
  return (record) => {
    const warnings: Warning[] = [];
    for (const { name, min, max, warn } of numeric) {
      const value = Number(record[name]);
      if (value < min || value > max) warnings.push(warn(value));
    }
    for (const { fields, seen, message } of combinations) {
      if (!isInTree(seen, fields, record)) warnings.push({ fields, code: 'unseen-combination', message });
    }
    return warnings;
  };
}

function rangeOf({ name, seen: { min, max } }: NumericFeature) {
  const fields = [name];
  const [fr, en] = [
    `est hors des valeurs vues à l'entraînement (${min} à ${max}).`,
    `is outside the values seen in training (${min} to ${max}).`,
  ];
  const warn = (value: number): Warning => ({
    fields,
    code: 'outside-training-range',
    message: { fr: `${value} ${fr}`, en: `${value} ${en}` },
  });
  return { name, min, max, warn };
}

/** Combinations by their first value, then by their second one, and so on. */
type Tree = Map<string | number, Tree>;

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

function isInTree(root: Tree, fields: readonly string[], record: FeatureRecord): boolean {
  let node: Tree | undefined = root;
  for (const field of fields) node = node?.get(record[field] ?? '');
  return node !== undefined;
}

import type { CombinationRule, Contract, NumericFeature } from './contract.ts';
import type { FeatureValues } from './request-schema.ts';
import type { Warning } from './violation.ts';

/** Compiles what a contract's training data was like into a function that says what of a valid record is unusual. */
export function createWarner({ features, rules }: Contract): (values: FeatureValues) => Warning[] {
  const positionOf = (field: string) => features.findIndex(({ name }) => name === field);
  const numeric = features.flatMap((feature, at) => (feature.type === 'category' ? [] : [{ at, ...rangeOf(feature) }]));
  const combinations = rules.flatMap((rule) =>
    rule.type === 'seen-combinations'
      ? [{ ...rule, positions: rule.fields.map(positionOf), seen: toTree(rule.combinations) }]
      : [],
  );
  return (values) => {
    const warnings: Warning[] = [];
    for (const { at, min, max, warn } of numeric) {
      const value = Number(values[at]);
      if (value < min || value > max) warnings.push(warn(value));
    }
    for (const { fields, positions, seen, message } of combinations) {
      if (!isInTree(seen, positions, values)) warnings.push({ fields, code: 'unseen-combination', message });
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
  return { min, max, warn };
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

function isInTree(root: Tree, positions: readonly number[], values: FeatureValues): boolean {
  let node: Tree | undefined = root;
  for (const at of positions) node = node?.get(values[at] ?? '');
  return node !== undefined;
}

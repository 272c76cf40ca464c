import type { CombinationRule, Contract, NumericFeature } from '../contract/contract.ts';
import type { FeatureValues } from './request-schema.ts';
import type { Warning } from './violation.ts';

/** Compiles what a contract's training data was like into a function that says what of a valid record is unusual. */
export function createWarner({ features, rules }: Contract): (values: FeatureValues) => Warning[] {
  const positionOf = (field: string) => features.findIndex(({ name }) => name === field);
  const numeric = features.flatMap((feature, at) => (feature.type === 'category' ? [] : [{ at, ...rangeOf(feature) }]));
  const combinations = rules.flatMap((rule) =>
    rule.type === 'seen-combinations'
      ? [{ warning: unseen(rule), positions: rule.fields.map(positionOf), seen: toTree(rule.combinations) }]
      : [],
  );
  return (values) => {
    const warnings: Warning[] = [];
    for (const { at, min, max, warn } of numeric) {
      const value = Number(values[at]);
      if (value < min || value > max) warnings.push(warn(value));
    }
    for (const { warning, positions, seen } of combinations) {
      if (!isInTree(seen, positions, values)) warnings.push(warning);
    }
    return warnings;
  };
}

function unseen({ fields, message }: CombinationRule): Warning {
  return { fields, code: 'unseen-combination', message };
}

/** How many of a feature's warnings are kept, for the rows of a file that have the same value. */
const MAX_KEPT = 100;

function rangeOf({ name, type, seen: { min, max } }: NumericFeature) {
  const fields = [name];
  const [fr, en] = [
    `est hors des valeurs vues à l'entraînement (${min} à ${max}).`,
    `is outside the values seen in training (${min} to ${max}).`,
  ];
  const make = (value: number): Warning => ({
    fields,
    code: 'outside-training-range',
    message: { fr: `${value} ${fr}`, en: `${value} ${en}` },
  });
  const kept = new Map<number, Warning>();
  const keep = (value: number) => {
    const warning = make(value);
    if (kept.size < MAX_KEPT) kept.set(value, warning);
    return warning;
  };
  // Other numbers hardly ever repeat.
  return { min, max, warn: type === 'integer' ? (value: number) => kept.get(value) ?? keep(value) : make };
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

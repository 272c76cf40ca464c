import type { CategoricalFeature, Contract, Feature, Interval, NumericFeature } from '../contract/contract.ts';
import { identifierRewriter, rewriterOf } from './canonical.ts';
import { type FeatureValues, isWithin } from './request-schema.ts';
import type { Warning } from './violation.ts';
import { createWarner } from './warnings.ts';

export type ValidRecord = { ok: true; values: FeatureValues; identifier: number | null; warnings: Warning[] };

/** A feature's value in the contract's spelling; undefined where it is not plainly right. */
type ReadValue = (value: unknown) => string | number | undefined;
/** The same of the identifier, which may be null. */
type ReadIdentifier = (value: unknown) => number | null | undefined;

export type GoodFeature = {
  /** Its position among the values of a record. */
  at: number;
  read: ReadValue;
  /** Which numbers are right; null of a category. */
  numbers: GoodNumbers | null;
};

type GoodNumbers = { isInteger: boolean; accepted: Interval; refused: readonly { interval: Interval }[] };

/** What a contract says of records in which nothing is wrong, compiled. */
export type GoodFields = {
  /** The features, by each of their names. */
  features: ReadonlyMap<string, GoodFeature>;
  /** Null where the contract has no identifier. */
  identifier: { names: ReadonlySet<string>; read: ReadIdentifier } | null;
  /** Values to fill in. */
  newValues(): (string | number)[];
  /** Looks at what stands between the values of a record that were filled in; undefined where that is wrong. */
  finish(values: FeatureValues, identifier: number | null): ValidRecord | undefined;
};

/** What stands for a value until it is read: no feature has an empty text for one. */
const NOT_GIVEN = '';

/**
 * Compiles a contract into a function that reads a record with nothing wrong in it as the request schema would, in a
 * fraction of the time; undefined where anything is wrong or odd, which the schema is to judge. A test holds the two
 * together. `keys` are those of the input.
 */
export function createGoodRecordReader(
  contract: Contract,
): (input: Record<string, unknown>, keys: readonly string[]) => ValidRecord | undefined {
  const { features, identifier, newValues, finish } = compileGoodFields(contract);
  const ignored = new Set(contract.ignored.map(({ name }) => name));

  /** Adds a field to a record; false where it is not plainly right. */
  function take(draft: Draft, key: string, value: unknown): boolean {
    const feature = features.get(key);
    if (feature) {
      const read = feature.read(value);
      if (read === undefined || draft.values[feature.at] !== NOT_GIVEN) return false;
      draft.values[feature.at] = read;
      draft.given++;
      return true;
    }
    if (!identifier?.names.has(key)) return ignored.has(key);
    if (draft.who !== undefined) return false;
    draft.who = identifier.read(value);
    return draft.who !== undefined;
  }

  return (input, keys) => {
    const draft: Draft = { values: newValues(), given: 0, who: undefined };
    for (const key of keys) if (!take(draft, key, input[key])) return undefined;
    return draft.given === contract.features.length ? finish(draft.values, draft.who ?? null) : undefined;
  };
}

/** `given` counts the features; `who` is undefined where the identifier was not given. */
type Draft = { values: (string | number)[]; given: number; who: number | null | undefined };

export function compileGoodFields(contract: Contract): GoodFields {
  const { identifier } = contract;
  const warn = createWarner(contract);
  const positions = new Map(contract.features.map(({ name }, at) => [name, at]));
  const orders = contract.rules.flatMap((rule) => {
    if (rule.type !== 'at-most') return [];
    const { left, right, offset } = rule;
    return [{ left: positions.get(left) ?? -1, right: positions.get(right) ?? -1, offset }];
  });
  const blank = contract.features.map(() => NOT_GIVEN);
  return {
    features: new Map(
      contract.features.flatMap((feature, at) => {
        const good = { at, ...compileFeature(feature) };
        return [feature.name, ...feature.aliases].map((name) => [name, good] as const);
      }),
    ),
    identifier: identifier
      ? { names: new Set([identifier.name, ...identifier.aliases]), read: identifierReader(identifier.prefixes) }
      : null,
    newValues: () => blank.slice(),
    finish(values, who) {
      for (const { left, right, offset } of orders) {
        if (!(Number(values[left]) <= Number(values[right]) + offset)) return undefined;
      }
      return { ok: true, values, identifier: who, warnings: warn(values) };
    },
  };
}

function compileFeature(feature: Feature): Omit<GoodFeature, 'at'> {
  if (feature.type === 'category') return { read: categoryReader(feature), numbers: null };
  const numbers = { isInteger: feature.type === 'integer', accepted: feature.accepted, refused: feature.refused };
  return { read: numberReader(feature, numbers), numbers };
}

function categoryReader(feature: CategoricalFeature): ReadValue {
  const rewrite = rewriterOf(feature);
  const spellings = feature.categories.flatMap(({ value, aliases }) => [value, ...aliases]);
  // Text in another Unicode form is odd enough to be looked at twice; a blank text may be a cell that is not given.
  const plain = spellings.filter((it) => typeof it !== 'string' || (it === it.normalize() && it.trim() !== ''));
  const values = new Map<unknown, string>(plain.map((it) => [it, String(rewrite(it) ?? it)]));
  return (value) => values.get(value);
}

function numberReader(feature: NumericFeature, numbers: GoodNumbers): ReadValue {
  const rewrite = rewriterOf(feature);
  return (value) => {
    const number = typeof value === 'string' ? rewrite(value.normalize()) : value;
    return typeof number === 'number' && isGoodNumber(numbers, number) ? number : undefined;
  };
}

export function isGoodNumber({ isInteger, accepted, refused }: GoodNumbers, number: number): boolean {
  if (!isWithin(accepted, number) || (isInteger && !Number.isInteger(number))) return false;
  for (const { interval } of refused) if (isWithin(interval, number)) return false;
  return true;
}

function identifierReader(prefixes: readonly string[]): ReadIdentifier {
  const rewrite = identifierRewriter(prefixes);
  return (value) => {
    if (value === null) return null;
    const number = typeof value === 'string' ? rewrite(value.normalize()) : value;
    return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
  };
}

import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import type { FeatureValue } from '../contract/features/kind.ts';
import type { NumberRules } from '../contract/interval.ts';
import { isInOrder } from '../contract/rules.ts';
import { createIdentifierReader, isIdentifier } from './read-identifier.ts';
import type { FeatureValues } from './request-schema.ts';
import type { Warning } from './violation.ts';
import { createWarner } from './warnings.ts';

export type ValidRecord = { ok: true; values: FeatureValues; identifier: number | null; warnings: Warning[] };

/** A feature, compiled to read values in which nothing is wrong or odd. */
export type FastFeature = {
  /** Its position among the values of a record. */
  at: number;
  /** The value in canonical form; undefined where it is not plainly right. */
  read: (value: unknown) => FeatureValue | undefined;
  /** Which numbers are right as they stand; null of a feature that has no numbers. */
  numbers: NumberRules | null;
};

/** The same of the identifier, which may be null. */
type ReadIdentifier = (value: unknown) => number | null | undefined;

/** A contract, compiled to read records in which nothing is wrong or odd. */
export type FastFields = {
  /** The features, by each of their names. */
  features: ReadonlyMap<string, FastFeature>;
  /** Null where the contract has no identifier. */
  identifier: { names: ReadonlySet<string>; read: ReadIdentifier } | null;
  newDraft(): DraftValues;
  /** Makes a record of values, of which `given` are there; undefined where one is missing, or breaks a rule between fields. */
  finish(values: DraftValues, given: number, identifier: number | null): ValidRecord | undefined;
};

/** The values of a record that is being read, in the contract's order: undefined until each is read. */
export type DraftValues = (FeatureValue | undefined)[];

/**
 * Compiles a contract into a function that reads a record with nothing wrong in it as the request schema would, in a
 * fraction of the time. It returns undefined where anything is wrong or odd, which the schema is to judge. A test holds the
 * two together. `keys` are those of the input.
 */
export function createFastReader(
  contract: Contract,
): (input: Record<string, unknown>, keys: readonly string[]) => ValidRecord | undefined {
  const { features, identifier, newDraft, finish } = compileFastFields(contract);
  const ignored = new Set(contract.ignored.map(({ name }) => name));

  /** Adds a field to a record; false where it is not plainly right. */
  function take(draft: Draft, key: string, value: unknown): boolean {
    const feature = features.get(key);
    if (feature) {
      const read = feature.read(value);
      if (read === undefined || draft.values[feature.at] !== undefined) return false;
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
    const draft: Draft = { values: newDraft(), given: 0, who: undefined };
    for (const key of keys) if (!take(draft, key, input[key])) return undefined;
    return finish(draft.values, draft.given, draft.who ?? null);
  };
}

/** `given` counts the features; `who` is undefined where the identifier was not given. */
type Draft = { values: DraftValues; given: number; who: number | null | undefined };

export function compileFastFields(contract: Contract): FastFields {
  const { identifier } = contract;
  const warn = createWarner(contract);
  const positions = new Map(contract.features.map(({ name }, at) => [name, at]));
  const orders = contract.rules.flatMap((rule) => {
    if (rule.type !== 'at-most') return [];
    const { left, right, offset } = rule;
    return [{ left: positions.get(left) ?? -1, right: positions.get(right) ?? -1, offset }];
  });
  const blank: DraftValues = contract.features.map(() => undefined);
  const absentable = contract.features.flatMap((feature, at) =>
    featureKind(feature).missing === 'missing' ? [at] : [],
  );
  return {
    features: new Map(
      contract.features.flatMap((feature, at) => {
        const kind = featureKind(feature);
        const fast: FastFeature = { at, read: kind.createReader(), numbers: kind.numbers };
        return [feature.name, ...feature.aliases].map((name) => [name, fast] as const);
      }),
    ),
    identifier: identifier
      ? { names: new Set([identifier.name, ...identifier.aliases]), read: identifierReader(identifier.prefixes) }
      : null,
    newDraft: () => blank.slice(),
    finish(values, given, who) {
      if (given < values.length) given += fillIn(values, absentable);
      if (!isWhole(values, given)) return undefined;
      for (const { left, right, offset } of orders)
        if (!isInOrder(values[left], values[right], offset)) return undefined;
      return { ok: true, values, identifier: who, warnings: warn(values) };
    },
  };
}

/** Takes the features that may be left out, and are, as missing. Returns how many they are. */
function fillIn(values: DraftValues, absentable: readonly number[]): number {
  let filled = 0;
  for (const at of absentable) {
    if (values[at] !== undefined) continue;
    values[at] = null;
    filled++;
  }
  return filled;
}

/** The values are counted while they are read: looking at all of them again would take time for each row. */
function isWhole(values: DraftValues, given: number): values is FeatureValue[] {
  return given === values.length;
}

function identifierReader(prefixes: readonly string[]): ReadIdentifier {
  const readText = createIdentifierReader(prefixes);
  return (value) => {
    if (value === null) return null;
    const number = typeof value === 'string' ? readText(value.normalize()) : value;
    return isIdentifier(number) ? number : undefined;
  };
}

import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import { createIdentifierReader } from './read-identifier.ts';
import type { Violation } from './violation.ts';

/** Takes a value, text in NFC, to the canonical spelling; undefined where the value stays as it came. */
type Rewriter = (value: unknown) => unknown;

/** The fields of a request in canonical spelling: names, categories and numbers, not yet checked. */
export type CanonicalRecord = {
  /** By feature name. Values of an unexpected type, and fields that the contract does not know, are kept as they came. */
  fields: Record<string, unknown>;
  /** The identifier of the record's subject; undefined where it was not given. */
  identifier: unknown;
  violations: Violation[];
};

/**
 * Returns a function that rewrites a record into the contract's spelling: aliases of names and of categories, "11 %" for
 * 11, "E_12" or "000012" for the identifier 12. Text is compared in Unicode's NFC form, because macOS and some exports
 * write "é" as two characters. The input is not modified.
 */
export function createCanonicaliser(contract: Contract): (record: object) => CanonicalRecord {
  const { identifier } = contract;
  const ignored = new Set(contract.ignored.map(({ name }) => name));
  const canonicalNames = new Map<string, string>();
  const rewriters = new Map<string, Rewriter>();
  for (const feature of contract.features) {
    for (const name of [feature.name, ...feature.aliases]) canonicalNames.set(name, feature.name);
    rewriters.set(feature.name, featureKind(feature).canonicalise);
  }
  if (identifier) {
    for (const name of [identifier.name, ...identifier.aliases]) canonicalNames.set(name, identifier.name);
    rewriters.set(identifier.name, createIdentifierReader(identifier.prefixes));
  }

  return (record) => {
    const values = new Map<string, unknown>();
    const spelledAs = new Map<string, string>();
    const violations: Violation[] = [];
    for (const [key, value] of Object.entries(record)) {
      const name = canonicalNames.get(key) ?? key;
      if (ignored.has(name)) continue;
      const earlier = spelledAs.get(name);
      if (earlier !== undefined) {
        violations.push(givenTwice(name, earlier, key));
        continue;
      }
      spelledAs.set(name, key);
      const text = typeof value === 'string' ? value.normalize() : value;
      values.set(name, rewriters.get(name)?.(text) ?? text);
    }
    const who = identifier && take(values, identifier.name);
    // Not by assignment: a field named "__proto__" must stay a field.
    return { fields: Object.fromEntries(values), identifier: who, violations };
  };
}

function take(values: Map<string, unknown>, name: string): unknown {
  const value = values.get(name);
  values.delete(name);
  return value;
}

function givenTwice(name: string, first: string, second: string): Violation {
  return {
    fields: [name],
    rule: 'given-once',
    message: {
      fr: `« ${first} » et « ${second} » désignent le même champ : n’en donner qu’un.`,
      en: `"${first}" and "${second}" are the same field: give only one of them.`,
    },
  };
}

import type * as z from 'zod';
import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import type { FeatureKind } from '../contract/features/kind.ts';
import { showReceived } from '../contract/features/received.ts';
import type { Text } from '../contract/text.ts';
import { isPlainObject } from '../plain-object.ts';
import { createCanonicaliser } from './canonical.ts';
import { createFastReader, type ValidRecord } from './fast-validation.ts';
import { isIdentifier } from './read-identifier.ts';
import { createRequestSchema, type FeatureRecord } from './request-schema.ts';
import { RefinementParams, type Violation } from './violation.ts';
import { createWarner } from './warnings.ts';

export type Validation = ValidRecord | { ok: false; violations: Violation[] };
export type Validator = (record: unknown) => Validation;

/** No record is so much wider than its model. An object with more fields is not answered field by field. */
const MAX_FIELDS = 2000;
/** How many violations of one rule are named. The others are counted: an answer must not dwarf its request. */
const MAX_NAMED = 100;

/** Compiles a contract into a function that checks one record and names everything wrong with it at once. */
export function createValidator(contract: Contract): Validator {
  const readFast = createFastReader(contract);
  const validate = createThoroughValidator(contract);
  const mostFields = Math.max(MAX_FIELDS, 2 * contract.features.length);
  return (input) => {
    if (!isPlainObject(input)) return { ok: false, violations: [notAnObject] };
    const keys = Object.keys(input);
    if (keys.length > mostFields) return { ok: false, violations: [tooManyFields(mostFields)] };
    return readFast(input, keys) ?? validate(input);
  };
}

/** Does the same by the request schema alone, for an object of not too many fields: it explains all, and takes its time. */
export function createThoroughValidator(contract: Contract): (input: object) => Validation {
  const canonicalise = createCanonicaliser(contract);
  const schema = createRequestSchema(contract);
  const warn = createWarner(contract);
  const kinds = new Map(contract.features.map((feature) => [feature.name, featureKind(feature)]));

  return (input) => {
    const { fields, identifier, violations } = canonicalise(input);
    const parsed = schema.safeParse(fields);
    if (!parsed.success) violations.push(...explainAll(parsed.error.issues, fields, kinds));
    const who = identifier ?? null;
    const isIdentified = who === null || isIdentifier(who);
    if (contract.identifier && !isIdentified) violations.push(badIdentifier(contract.identifier.name, who));
    if (!parsed.success || !isIdentified || violations.length > 0)
      return { ok: false, violations: shorten(violations) };
    const values = contract.features.map(({ name }) => required(parsed.data, name));
    return { ok: true, values, identifier: who, warnings: warn(values) };
  };
}

function required(record: FeatureRecord, name: string) {
  const value = record[name];
  if (value === undefined) throw new TypeError(`The schema let a record pass that lacks "${name}".`);
  return value;
}

const notAnObject: Violation = {
  fields: [],
  rule: 'type',
  message: { fr: 'Un objet JSON est attendu.', en: 'Must be a JSON object.' },
};

function tooManyFields(most: number): Violation {
  return {
    fields: [],
    rule: 'maximum-fields',
    message: { fr: `Au plus ${most} champs.`, en: `Must have at most ${most} fields.` },
  };
}

/**
 * Names the first violations of each rule, and counts the others. The first of all would not do: a reader who looks for one rule,
 * as for the unknown columns of a file, must not miss it among others.
 */
export function shorten(violations: Violation[], most = MAX_NAMED): Violation[] {
  if (violations.length <= most) return violations;
  const counts = new Map<string, number>();
  const named = violations.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= most;
  });
  const others = [...counts].flatMap(([rule, count]) => (count > most ? [unnamed(rule, count - most)] : []));
  return [...named, ...others];
}

function unnamed(rule: string, count: number): Violation {
  return {
    fields: [],
    rule,
    message: {
      fr: `Champs qui enfreignent aussi cette règle, sans être nommés : ${count}.`,
      en: `Fields that break the same rule and are not named: ${count}.`,
    },
  };
}

function badIdentifier(name: string, value: unknown): Violation {
  const received = showReceived(value);
  return {
    fields: [name],
    rule: 'type',
    message: {
      fr: `Doit être un entier positif. Reçu : ${received}.`,
      en: `Must be a positive integer. Received: ${received}.`,
    },
  };
}

/** A value can break several of zod's rules that are one rule for the caller. */
function explainAll(
  issues: readonly z.core.$ZodIssue[],
  ...rest: [Record<string, unknown>, ReadonlyMap<string, FeatureKind>]
) {
  const violations = new Map<string, Violation>();
  for (const violation of issues.flatMap((issue) => violationsOf(issue, ...rest))) {
    const key = JSON.stringify([violation.fields, violation.rule]);
    if (!violations.has(key)) violations.set(key, violation);
  }
  return violations.values();
}

/** Turns one zod issue into violations in the words of the contract. */
function violationsOf(
  issue: z.core.$ZodIssue,
  fields: Record<string, unknown>,
  kinds: ReadonlyMap<string, FeatureKind>,
): Violation[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownField);
  if (issue.code === 'custom') {
    const { rule, fields: named, message } = RefinementParams.parse(issue.params);
    return [{ fields: named, rule, message }];
  }
  const name = String(issue.path[0]);
  const kind = kinds.get(name);
  if (!kind) return [{ fields: [name], rule: issue.code, message: { fr: issue.message, en: issue.message } }];
  if (!Object.hasOwn(fields, name)) return [{ fields: [name], ...missing }];
  const { rule, message } = kind.explain(issue, fields[name]);
  return [{ fields: [name], rule, message: fields[name] === null ? withNull(message) : message }];
}

function unknownField(name: string): Violation {
  return {
    fields: [name],
    rule: 'unknown-field',
    message: { fr: `Champ inconnu du modèle.`, en: `Not a field of this model.` },
  };
}

/** Says of a null that it is why the value is refused. */
function withNull({ fr, en }: Text): Text {
  return { fr: `Ne peut pas manquer (null). ${fr}`, en: `May not be missing (null). ${en}` };
}

const missing = { rule: 'required', message: { fr: 'Champ obligatoire.', en: 'Is required.' } };

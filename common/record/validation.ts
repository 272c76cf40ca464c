import * as z from 'zod';
import type { Contract, Feature, NumericFeature, Text } from '../contract/contract.ts';
import { isPlainObject } from '../plain-object.ts';
import { createCanonicaliser } from './canonical.ts';
import { createGoodRecordReader, type ValidRecord } from './good-record.ts';
import { createRequestSchema, RefinementParams } from './request-schema.ts';
import type { Violation } from './violation.ts';
import { createWarner } from './warnings.ts';

export type Validation = ValidRecord | { ok: false; violations: Violation[] };
export type Validator = (record: unknown) => Validation;

/** No table is so wide: what has more is no record, and is not answered field by field. */
const MAX_FIELDS = 2000;
/** How many violations of one rule are named, the others are counted: an answer must not dwarf what was asked. */
const MAX_NAMED = 100;

const Identifier = z.int().positive().nullable();

/** Compiles a contract into a function that checks one record and names everything wrong with it at once. */
export function createValidator(contract: Contract): Validator {
  const readGood = createGoodRecordReader(contract);
  const validate = createThoroughValidator(contract);
  return (input) => {
    if (!isPlainObject(input)) return { ok: false, violations: [notAnObject] };
    const keys = Object.keys(input);
    if (keys.length > MAX_FIELDS) return { ok: false, violations: [tooManyFields] };
    return readGood(input, keys) ?? validate(input);
  };
}

/** Does the same by the request schema alone, for an object of not too many fields: it explains all, and takes its time. */
export function createThoroughValidator(contract: Contract): (input: object) => Validation {
  const canonicalise = createCanonicaliser(contract);
  const schema = createRequestSchema(contract);
  const warn = createWarner(contract);
  const features = new Map(contract.features.map((feature) => [feature.name, feature]));

  return (input) => {
    const { fields, identifier, violations } = canonicalise(input);
    const parsed = schema.safeParse(fields);
    if (!parsed.success) violations.push(...explainAll(parsed.error.issues, fields, features));
    const who = Identifier.safeParse(identifier ?? null);
    if (contract.identifier && !who.success) violations.push(badIdentifier(contract.identifier.name));
    if (!parsed.success || !who.success || violations.length > 0) return { ok: false, violations: shorten(violations) };
    // The schema has required every feature.
    const values = contract.features.map(({ name }) => parsed.data[name] ?? '');
    return { ok: true, values, identifier: who.data, warnings: warn(values) };
  };
}

const notAnObject: Violation = {
  fields: [],
  rule: 'type',
  message: { fr: 'Un objet JSON est attendu.', en: 'Must be a JSON object.' },
};

const tooManyFields: Violation = {
  fields: [],
  rule: 'maximum-fields',
  message: { fr: `Au plus ${MAX_FIELDS} champs.`, en: `Must have at most ${MAX_FIELDS} fields.` },
};

/**
 * Names the first violations of each rule, and counts the others. Not the first of all: whoever looks for one rule, as for
 * the unknown columns of a file, must not miss it among others.
 */
function shorten(violations: Violation[]): Violation[] {
  if (violations.length <= MAX_NAMED) return violations;
  const counts = new Map<string, number>();
  const named = violations.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, count);
    return count <= MAX_NAMED;
  });
  const others = [...counts].flatMap(([rule, count]) => (count > MAX_NAMED ? [unnamed(rule, count - MAX_NAMED)] : []));
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

function badIdentifier(name: string): Violation {
  return {
    fields: [name],
    rule: 'type',
    message: { fr: 'Doit être un entier positif.', en: 'Must be a positive integer.' },
  };
}

/** A value can break several of zod's rules that are one rule to whoever mends it. */
function explainAll(
  issues: readonly z.core.$ZodIssue[],
  ...rest: [Record<string, unknown>, ReadonlyMap<string, Feature>]
) {
  const violations = new Map<string, Violation>();
  for (const violation of issues.flatMap((issue) => explain(issue, ...rest))) {
    const key = JSON.stringify([violation.fields, violation.rule]);
    if (!violations.has(key)) violations.set(key, violation);
  }
  return violations.values();
}

/** Turns one zod issue into violations in the words of the contract. */
function explain(
  issue: z.core.$ZodIssue,
  fields: Record<string, unknown>,
  features: ReadonlyMap<string, Feature>,
): Violation[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownField);
  if (issue.code === 'custom') {
    const { rule, fields: named, message } = RefinementParams.parse(issue.params);
    return [{ fields: named, rule, message }];
  }
  const name = String(issue.path[0]);
  const feature = features.get(name);
  if (!feature) return [{ fields: [name], rule: issue.code, message: { fr: issue.message, en: issue.message } }];
  const violation = Object.hasOwn(fields, name) ? valueViolation(issue, feature) : missing;
  return [{ fields: [name], ...violation }];
}

function unknownField(name: string): Violation {
  return {
    fields: [name],
    rule: 'unknown-field',
    message: { fr: `Champ inconnu du modèle.`, en: `Not a field of this model.` },
  };
}

const missing = { rule: 'required', message: { fr: 'Champ obligatoire.', en: 'Is required.' } };

function valueViolation(issue: z.core.$ZodIssue, feature: Feature): { rule: string; message: Text } {
  if (feature.type === 'category') {
    const values = feature.categories.map(({ value }) => value).join(', ');
    return {
      rule: 'category',
      message: { fr: `Doit être l'une des valeurs : ${values}.`, en: `Must be one of: ${values}.` },
    };
  }
  switch (issue.code) {
    case 'too_small':
      return { rule: 'minimum', message: limit(feature, 'min') };
    case 'too_big':
      return { rule: 'maximum', message: limit(feature, 'max') };
    default:
      return { rule: 'type', message: numberExpected(feature) };
  }
}

function numberExpected({ type, suffix }: NumericFeature): Text {
  const alternative = {
    fr: suffix ? `, ou un texte suivi de « ${suffix} »` : '',
    en: suffix ? `, or a text that ends in "${suffix}"` : '',
  };
  return type === 'integer'
    ? { fr: `Doit être un nombre entier${alternative.fr}.`, en: `Must be an integer${alternative.en}.` }
    : { fr: `Doit être un nombre${alternative.fr}.`, en: `Must be a number${alternative.en}.` };
}

function limit({ accepted, unit }: NumericFeature, bound: 'min' | 'max'): Text {
  const fr = `${accepted[bound]}${unit ? ` ${unit.fr}` : ''}`;
  const en = `${accepted[bound]}${unit ? ` ${unit.en}` : ''}`;
  if (bound === 'min') {
    return accepted.exclusiveMin
      ? { fr: `Doit être supérieur à ${fr}.`, en: `Must be more than ${en}.` }
      : { fr: `Doit être au moins ${fr}.`, en: `Must be at least ${en}.` };
  }
  return accepted.exclusiveMax
    ? { fr: `Doit être inférieur à ${fr}.`, en: `Must be less than ${en}.` }
    : { fr: `Doit être au plus ${fr}.`, en: `Must be at most ${en}.` };
}

import * as z from 'zod';
import { createNumberColumn, readNumber, spellNumber, withoutUnseen } from '../../record/read-number.ts';
import type { RefinementParams, Warning } from '../../record/violation.ts';
import type { GraphType } from '../graph.ts';
import { Interval, isAccepted, isOpen, isWithin, type NumberRules } from '../interval.ts';
import { Text } from '../text.ts';
import { inFrench, unitOf } from '../unit.ts';
import {
  cannotEnter,
  FEATURE_FIELDS,
  type FeatureKind,
  type FeatureValue,
  isInt32,
  notOfKind,
  type RangeWarner,
  type Refused,
} from './kind.ts';
import { showReceived } from './received.ts';

const NUMERIC_FIELDS = {
  ...FEATURE_FIELDS,
  unit: Text.optional(),
  /** A value outside is refused. */
  accepted: Interval,
  /**
   * The range that training covers: all of its values, or those that at least a few rows lie at or beyond. A value outside is
   * predicted, with a warning.
   */
  seen: z.strictObject({ min: z.number(), max: z.number() }),
  /** Ranges inside `accepted` that are nearly always a mistake (a fraction given for percent points, say). */
  refused: z.array(z.strictObject({ interval: Interval, hint: Text })).default([]),
  /** A sign that may follow the number when it is written as text, as in "11 %". */
  suffix: z.string().min(1).optional(),
};

export const IntegerFeature = z.strictObject({ ...NUMERIC_FIELDS, type: z.literal('integer') });
export const NumberFeature = z.strictObject({ ...NUMERIC_FIELDS, type: z.literal('number') });
export type NumericFeature = z.infer<typeof IntegerFeature> | z.infer<typeof NumberFeature>;

/** A whole number, or a number with decimals. */
export function numericKind(feature: NumericFeature): FeatureKind {
  const { name, type, accepted, seen, refused, suffix } = feature;
  const isInteger = type === 'integer';
  const numbers: NumberRules = { isInteger, accepted, refused };
  const canonicalise = (value: unknown) => {
    const text = typeof value === 'string' ? beforeSuffix(value, suffix) : null;
    const reading = text === null ? null : readNumber(text);
    return typeof reading === 'number' ? reading : undefined;
  };
  const numberOf = (value: FeatureValue) => (typeof value === 'number' ? value : notOfKind(name, value));
  return {
    defects() {
      const isOutside = seen.min < accepted.min || seen.max > accepted.max;
      return isOutside ? [`feature "${name}" was seen outside what it accepts`] : [];
    },
    columnDefect(column) {
      if ((column === 'int64' || column === 'int32') && !isInteger)
        return `feature "${name}" would lose its decimals as ${column}`;
      if (column === 'int32' && !(isInt32(accepted.min) && isInt32(accepted.max)))
        return `feature "${name}" accepts numbers that int32 cannot hold`;
      return COLUMNS.includes(column) ? null : cannotEnter(feature, column);
    },
    missing: null,
    rules: { 'at-most': true, 'seen-combinations': false },
    canonicalise,
    schema() {
      let schema: z.ZodType<number> = bounded(isInteger ? z.number().check(isWhole) : z.number(), accepted);
      for (const { interval, hint } of refused) {
        const params: RefinementParams = { rule: 'unit', fields: [name], message: hint };
        schema = schema.refine((value) => !isWithin(interval, value), { params });
      }
      return schema;
    },
    explain: (issue, value) => refusalOf(issue, feature, value),
    createReader: () => (value) => {
      const number = typeof value === 'string' ? canonicalise(value.normalize()) : value;
      return typeof number === 'number' && isAccepted(numbers, number) ? number : undefined;
    },
    numbers,
    createCellParser(delimiter) {
      const numbers = createNumberColumn(delimiter);
      const parse = (text: string) => {
        const bare = suffix === undefined ? null : beforeSuffix(text.normalize(), suffix);
        const reading = numbers.read(bare ?? text);
        // Any other text is kept, for the schema to refuse.
        return typeof reading === 'number' ? reading : text;
      };
      return { parse, numbers, isBlankMissing: false, isParsedFirst: false };
    },
    createRangeWarner: () => createRangeWarner(feature),
    warnOfValue: null,
    encoders: {
      float32: numberOf,
      float64: numberOf,
      int32: numberOf,
      int64: (value) => BigInt(numberOf(value)),
    },
    texts: () => [],
    binOf: (value) => (value === null ? null : numberOf(value)),
    samples: () => [seen.min, seen.max],
    openApi() {
      const { unit } = feature;
      const [exception, ...more] = refused.map(({ interval }) => boundsOf(interval));
      return {
        schema: {
          type,
          ...boundsOf(accepted),
          ...(exception && { not: more.length > 0 ? { anyOf: [exception, ...more] } : exception }),
        },
        unit: unit?.en ?? null,
        notes: [
          ...(unit ? [`In ${unit.en}.`] : []),
          `Training covers ${seen.min} to ${seen.max}; outside, the prediction carries a warning.`,
          ...refused.map(({ hint }) => hint.en),
          ...(suffix === undefined ? [] : [`Also taken as text that ends in \`${suffix}\`.`]),
        ],
      };
    },
    openInference: { datatype: isInteger ? 'INT64' : 'FP64', elements: ['number', 'boolean'] },
    // Some clients send flags that are numbers in the contract as BOOL.
    fromElement: (element) => (typeof element === 'boolean' ? (element ? 1 : 0) : element),
  };
}

const COLUMNS: readonly GraphType[] = ['float32', 'float64', 'int64', 'int32'];

/** Not z.int(): its issues keep the rules between other fields from being checked. Nor multipleOf(1), which allows for a little. */
function isWhole({ value, issues }: z.core.ParsePayload<number>): void {
  if (!Number.isInteger(value)) issues.push({ code: 'not_multiple_of', divisor: 1, origin: 'number', input: value });
}

function bounded(schema: z.ZodNumber, { min, max, exclusiveMin, exclusiveMax }: Interval): z.ZodNumber {
  const withMin = exclusiveMin ? schema.gt(min) : schema.gte(min);
  return exclusiveMax ? withMin.lt(max) : withMin.lte(max);
}

function boundsOf({ min, max, exclusiveMin, exclusiveMax }: Interval): Record<string, number> {
  return {
    ...(!isOpen(min) && { [exclusiveMin ? 'exclusiveMinimum' : 'minimum']: min }),
    ...(!isOpen(max) && { [exclusiveMax ? 'exclusiveMaximum' : 'maximum']: max }),
  };
}

function refusalOf(issue: z.core.$ZodIssue, feature: NumericFeature, value: unknown): Refused {
  switch (issue.code) {
    case 'too_small':
      return { rule: 'minimum', message: limit(feature, 'min') };
    case 'too_big':
      return { rule: 'maximum', message: limit(feature, 'max') };
    default:
      return { rule: 'type', message: twoNumbers(feature, value) ?? numberExpected(feature) };
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

/** The words for a text that may be either of two numbers; null for any other value. */
function twoNumbers({ type, suffix }: NumericFeature, value: unknown): Text | null {
  if (typeof value !== 'string') return null;
  const reading = readNumber(beforeSuffix(value, suffix) ?? value);
  if (reading === null || typeof reading === 'number') return null;
  const [whole, decimal] = [spellNumber(reading.whole), spellNumber(reading.decimal)];
  const [fr, en] = type === 'integer' ? ['un nombre entier', 'an integer'] : ['un nombre', 'a number'];
  const received = showReceived(value.trim());
  return {
    fr: `Doit être ${fr} : ${received} peut valoir ${whole} ou ${decimal}. Écrire l’un des deux.`,
    en: `Must be ${en}: ${received} may be ${whole} or ${decimal}. Write one of them.`,
  };
}

function limit({ accepted, unit }: NumericFeature, bound: 'min' | 'max'): Text {
  const value = accepted[bound];
  const fr = `${inFrench(value)}${unit ? ` ${unitOf(value, unit, 'fr')}` : ''}`;
  const en = `${value}${unit ? ` ${unitOf(value, unit, 'en')}` : ''}`;
  if (bound === 'min') {
    return accepted.exclusiveMin
      ? { fr: `Doit être supérieur à ${fr}.`, en: `Must be more than ${en}.` }
      : { fr: `Doit être au moins ${fr}.`, en: `Must be at least ${en}.` };
  }
  return accepted.exclusiveMax
    ? { fr: `Doit être inférieur à ${fr}.`, en: `Must be less than ${en}.` }
    : { fr: `Doit être au plus ${fr}.`, en: `Must be at most ${en}.` };
}

/** How many of a feature's warnings are kept, for the rows of a file that have the same value. */
const MAX_KEPT = 100;

function createRangeWarner({ name, type, seen: { min, max } }: NumericFeature): RangeWarner {
  const fields = [name];
  const [fr, en] = [
    `est hors de la plage que couvre l’entraînement (${inFrench(min)} à ${inFrench(max)}).`,
    `is outside the range that training covers (${min} to ${max}).`,
  ];
  const make = (value: number): Warning => ({
    fields,
    code: 'outside-training-range',
    message: { fr: `${inFrench(value)} ${fr}`, en: `${value} ${en}` },
  });
  const kept = new Map<number, Warning>();
  const keep = (value: number) => {
    const warning = make(value);
    if (kept.size < MAX_KEPT) kept.set(value, warning);
    return warning;
  };
  // Numbers with decimals hardly ever repeat.
  return { min, max, warn: type === 'integer' ? (value) => kept.get(value) ?? keep(value) : make };
}

/** The part of a text before the suffix; null for a text that does not end in it. */
function beforeSuffix(text: string, suffix: string | undefined): string | null {
  if (suffix === undefined) return null;
  const visible = withoutUnseen(text);
  return visible.endsWith(suffix) ? visible.slice(0, -suffix.length).trim() : null;
}

import * as z from 'zod';
import type { RefinementParams, Warning } from '../../record/violation.ts';
import type { GraphType } from '../graph.ts';
import { Interval, isAccepted, isWithin, type NumberRules } from '../interval.ts';
import { Text } from '../text.ts';
import {
  cannotEnter,
  FEATURE_FIELDS,
  type FeatureKind,
  type FeatureValue,
  notOfKind,
  type RangeWarner,
  type Refused,
} from './kind.ts';

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
    if (suffix === undefined || typeof value !== 'string') return undefined;
    const text = value.trim();
    return text.endsWith(suffix) ? parseDecimal(text.slice(0, -suffix.length)) : undefined;
  };
  const numberOf = (value: FeatureValue) => (typeof value === 'number' ? value : notOfKind(name, value));
  return {
    defects() {
      const isOutside = seen.min < accepted.min || seen.max > accepted.max;
      return isOutside ? [`feature "${name}" was seen outside what it accepts`] : [];
    },
    columnDefect(column) {
      if (column === 'int64' && !isInteger) return `feature "${name}" would lose its decimals as int64`;
      return COLUMNS.includes(column) ? null : cannotEnter(feature, column);
    },
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
    explain: (issue) => refusalOf(issue, feature),
    createReader: () => (value) => {
      const number = typeof value === 'string' ? canonicalise(value.normalize()) : value;
      return typeof number === 'number' && isAccepted(numbers, number) ? number : undefined;
    },
    numbers,
    createCellParser: () => parseNumber,
    createRangeWarner: () => createRangeWarner(feature),
    encoders: {
      float32: numberOf,
      int64: (value) => BigInt(numberOf(value)),
    },
    texts: () => [],
    binOf: (value) => (value === null ? null : numberOf(value)),
    samples: () => [seen.min, seen.max],
    openApi() {
      const { unit } = feature;
      const exceptions = refused.map(({ interval }) => ({ not: boundsOf(interval) }));
      return {
        schema: { type, ...boundsOf(accepted), ...(exceptions.length > 0 && { allOf: exceptions }) },
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

const COLUMNS: readonly GraphType[] = ['float32', 'int64'];

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
    [exclusiveMin ? 'exclusiveMinimum' : 'minimum']: min,
    [exclusiveMax ? 'exclusiveMaximum' : 'maximum']: max,
  };
}

function refusalOf(issue: z.core.$ZodIssue, feature: NumericFeature): Refused {
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

/** How many of a feature's warnings are kept, for the rows of a file that have the same value. */
const MAX_KEPT = 100;

function createRangeWarner({ name, type, seen: { min, max } }: NumericFeature): RangeWarner {
  const fields = [name];
  const [fr, en] = [
    `est hors de la plage que couvre l’entraînement (${min} à ${max}).`,
    `is outside the range that training covers (${min} to ${max}).`,
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
  // Numbers with decimals hardly ever repeat.
  return { min, max, warn: type === 'integer' ? (value) => kept.get(value) ?? keep(value) : make };
}

/** Reads "11", "11.5" or the French "11,5"; undefined for anything else. */
function parseDecimal(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?\d+([.,]\d+)?$/.test(trimmed) ? Number(trimmed.replace(',', '.')) : undefined;
}

/**
 * The number that "41", "11.5" or the French "11,5" stands for. Any other text is kept, for the schema to refuse: "1 234", and
 * "1,234" too, which is over a thousand to some and under two to others.
 */
function parseNumber(text: string): unknown {
  const digits = parseDigits(text);
  if (digits !== undefined) return digits;
  if (!/^\s*[+-]?\d+(?:[.,]\d+)?\s*$/.test(text)) return text;
  if (!text.includes(',')) return Number(text);
  return /^\s*[+-]?[1-9]\d{0,2},\d{3}\s*$/.test(text) ? text : Number(text.replace(',', '.'));
}

/** The number that one to nine digits are: most cells hold such, and this is much faster than the rule for all of them. */
function parseDigits(text: string): number | undefined {
  if (text.length === 0 || text.length > 9) return undefined;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

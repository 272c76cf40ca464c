import * as z from 'zod';
import { Text } from '../text.ts';
import {
  cannotEnter,
  duplicates,
  FEATURE_FIELDS,
  type FeatureKind,
  type FeatureValue,
  isPlain,
  notOfKind,
} from './kind.ts';

export const CategoryFeature = z.strictObject({
  ...FEATURE_FIELDS,
  type: z.literal('category'),
  /** Every value that the model was trained on, in ascending order where `ordered`. */
  categories: z
    .array(
      z.strictObject({
        value: z.string().min(1),
        label: Text,
        /** Other spellings of the value that a request may use. */
        aliases: z.array(z.union([z.string().min(1), z.boolean()])).default([]),
      }),
    )
    .min(1),
  ordered: z.boolean().default(false),
});
export type CategoryFeature = z.infer<typeof CategoryFeature>;

/** One of a few texts. */
export function categoryKind(feature: CategoryFeature): FeatureKind {
  const { name, categories, ordered } = feature;
  const values = categories.map(({ value }) => value);
  const spellings = categories.flatMap(({ value, aliases }) => [value, ...aliases]);
  const byAlias = new Map(categories.flatMap(({ value, aliases }) => aliases.map((alias) => [alias, value] as const)));
  const canonicalise = (value: unknown) =>
    typeof value === 'string' || typeof value === 'boolean' ? byAlias.get(value) : undefined;
  const textOf = (value: FeatureValue) => (typeof value === 'string' ? value : notOfKind(name, value));
  return {
    defects: () => duplicates(spellings).map((it) => `feature "${name}" spells two categories "${it}"`),
    columnDefect: (column) => (column === 'string' ? null : cannotEnter(feature, column)),
    rules: { 'at-most': false, 'seen-combinations': true },
    canonicalise,
    schema: () => z.enum(values),
    explain() {
      const list = values.join(', ');
      return {
        rule: 'category',
        message: { fr: `Doit être l'une des valeurs : ${list}.`, en: `Must be one of: ${list}.` },
      };
    },
    createReader() {
      const known = new Map<unknown, string>();
      for (const it of spellings.filter(isPlain)) {
        const value = byAlias.get(it) ?? it;
        if (typeof value === 'string') known.set(it, value);
      }
      return (value) => known.get(value);
    },
    numbers: null,
    createCellParser() {
      const known = new Set(spellings);
      if (!known.has(true) && !known.has(false)) return (text) => text;
      return (text) => (known.has(text) ? text : (TRUTH.get(text.toLowerCase()) ?? text));
    },
    createRangeWarner: () => null,
    encoders: { string: textOf },
    texts: () => values,
    binOf: (value) => (value === null ? null : textOf(value)),
    samples: () => values,
    openApi() {
      const meanings = categories.map(({ value, label }) => `\`${value}\` (${label.en})`).join(ordered ? ' < ' : ', ');
      const others = categories.flatMap(({ value, aliases }) => aliases.map((it) => `\`${it}\` for \`${value}\``));
      return {
        schema: { type: 'string', enum: values },
        unit: null,
        notes: [`${meanings}.`, ...(others.length > 0 ? [`Also taken: ${others.join(', ')}.`] : [])],
      };
    },
    openInference: { datatype: 'BYTES', elements: ['text', 'boolean'] },
    fromElement: (element) => element,
  };
}

/** Truth values as a spreadsheet writes them, in English or in French. */
const TRUTH = new Map([
  ['true', true],
  ['vrai', true],
  ['false', false],
  ['faux', false],
]);

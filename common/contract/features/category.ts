import * as z from 'zod';
import { Text } from '../text.ts';
import {
  AS_TEXT,
  cannotEnter,
  duplicates,
  FEATURE_FIELDS,
  type FeatureKind,
  type FeatureValue,
  isPlain,
  notOfKind,
} from './kind.ts';
import { showReceived } from './received.ts';
import { createLooseReader } from './spelling.ts';

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
  const spelled = categories.flatMap(({ value, aliases }) => [value, ...aliases].map((it) => [it, value] as const));
  const exact = new Map<unknown, string>(spelled);
  const readLoosely = createLooseReader(
    spelled.flatMap(([it, value]) => (typeof it === 'string' ? [[it, value]] : [])),
  );
  const canonicalise = (value: unknown) =>
    exact.get(value) ?? (typeof value === 'string' ? readLoosely(value) : undefined);
  const textOf = (value: FeatureValue) => (typeof value === 'string' ? value : notOfKind(name, value));
  return {
    defects: () =>
      duplicates(spelled.map(([spelling]) => spelling)).map((it) => `feature "${name}" spells two categories "${it}"`),
    columnDefect: (column) => (column === 'string' ? null : cannotEnter(feature, column)),
    rules: { 'at-most': false, 'seen-combinations': true },
    canonicalise,
    schema: () => z.enum(values),
    explain(_issue, value) {
      const list = values.join(', ');
      const received = showReceived(value);
      return {
        rule: 'category',
        message: {
          fr: `Doit être l’une des valeurs : ${list}. Reçu : ${received}.`,
          en: `Must be one of: ${list}. Received: ${received}.`,
        },
      };
    },
    createReader() {
      const plain = new Map<unknown, string>(spelled.filter(([spelling]) => isPlain(spelling)));
      return (value) => plain.get(value) ?? (typeof value === 'string' ? readLoosely(value) : undefined);
    },
    numbers: null,
    createCellParser() {
      if (!exact.has(true) && !exact.has(false)) return AS_TEXT;
      const isKnown = (text: string) => exact.has(text) || readLoosely(text) !== undefined;
      return { parse: (text) => (isKnown(text) ? text : (readTruth(text) ?? text)), numbers: null };
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
const readTruth = createLooseReader([
  ['true', true],
  ['vrai', true],
  ['false', false],
  ['faux', false],
]);

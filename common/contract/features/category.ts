import * as z from 'zod';
import type { Warning } from '../../record/violation.ts';
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
import { nearestOf } from './nearest.ts';
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
  /** Whether any other text is refused, or predicted with a warning: the graph is given the text as it is. */
  unknown: z.enum(['refuse', 'warn']).default('refuse'),
});
export type CategoryFeature = z.infer<typeof CategoryFeature>;

/** One of a few texts. */
export function categoryKind(feature: CategoryFeature): FeatureKind {
  const { name, categories, ordered } = feature;
  const takesUnknown = feature.unknown === 'warn';
  const values = categories.map(({ value }) => value);
  const known = new Set<FeatureValue>(values);
  const spelled = categories.flatMap(({ value, aliases }) => [value, ...aliases].map((it) => [it, value] as const));
  const exact = new Map<unknown, string>(spelled);
  const readLoosely = createLooseReader(
    spelled.flatMap(([it, value]) => (typeof it === 'string' ? [[it, value]] : [])),
  );
  const readUnknown = (text: string) => (takesUnknown ? text.trim() : undefined);
  const canonicalise = (value: unknown) =>
    exact.get(value) ?? (typeof value === 'string' ? (readLoosely(value) ?? readUnknown(value)) : undefined);
  const readText = (text: string) => {
    const known = readLoosely(text);
    if (known !== undefined || !takesUnknown) return known;
    const bare = text.normalize().trim();
    return bare !== '' && bare.length <= MAX_UNKNOWN_LENGTH ? bare : undefined;
  };
  const textOf = (value: FeatureValue) => (typeof value === 'string' ? value : notOfKind(name, value));
  return {
    defects: () =>
      duplicates(spelled.map(([spelling]) => spelling)).map((it) => `feature "${name}" spells two categories "${it}"`),
    columnDefect: (column) => (column === 'string' ? null : cannotEnter(feature, column)),
    missing: null,
    rules: { 'at-most': false, 'seen-combinations': true },
    canonicalise,
    schema: () => (takesUnknown ? z.string().min(1).max(MAX_UNKNOWN_LENGTH) : z.enum(values)),
    explain(_issue, value) {
      const received = showReceived(value);
      if (takesUnknown) return { rule: 'type', message: textExpected(received) };
      const { fr, en } = listValues(values, value);
      return {
        rule: 'category',
        message: {
          fr: `Doit être l’une des valeurs : ${fr} Reçu : ${received}.`,
          en: `Must be one of: ${en} Received: ${received}.`,
        },
      };
    },
    createReader() {
      const plain = new Map<unknown, string>(spelled.filter(([spelling]) => isPlain(spelling)));
      return (value) => plain.get(value) ?? (typeof value === 'string' ? readText(value) : undefined);
    },
    numbers: null,
    createCellParser() {
      if (!exact.has(true) && !exact.has(false)) return { ...AS_TEXT, isParsedFirst: takesUnknown };
      const isKnown = (text: string) => exact.has(text) || readLoosely(text) !== undefined;
      return {
        parse: (text) => (isKnown(text) ? text : (readTruth(text) ?? text)),
        numbers: null,
        isBlankMissing: false,
        isParsedFirst: takesUnknown,
      };
    },
    createRangeWarner: () => null,
    warnOfValue: takesUnknown ? (value) => (known.has(value) ? [] : [unknownCategory(name, value)]) : null,
    encoders: { string: textOf },
    texts: () => (takesUnknown ? null : values),
    binOf: (value) => (value === null ? null : textOf(value)),
    samples: () => values,
    openApi() {
      const meanings = categories.map(({ value, label }) => `\`${value}\` (${label.en})`).join(ordered ? ' < ' : ', ');
      const others = categories.flatMap(({ value, aliases }) => aliases.map((it) => `\`${it}\` for \`${value}\``));
      return {
        schema: takesUnknown
          ? { type: 'string', minLength: 1, maxLength: MAX_UNKNOWN_LENGTH }
          : { type: 'string', enum: values },
        unit: null,
        notes: [
          `${meanings}.`,
          ...(takesUnknown ? ['Any other text is predicted with a warning.'] : []),
          ...(others.length > 0 ? [`Also taken: ${others.join(', ')}.`] : []),
        ],
      };
    },
    openInference: { datatype: 'BYTES', elements: ['text', 'boolean'] },
    fromElement: (element) => element,
  };
}

const MAX_UNKNOWN_LENGTH = 200;
/** How many of the permitted values a message names. */
const MAX_NAMED = 20;

function unknownCategory(name: string, value: FeatureValue): Warning {
  const received = showReceived(value);
  return {
    fields: [name],
    code: 'unknown-category',
    message: {
      fr: `${received} n’apparaît pas dans l’entraînement.`,
      en: `${received} does not occur in training.`,
    },
  };
}

function textExpected(received: string): Text {
  return {
    fr: `Doit être un texte de 1 à ${MAX_UNKNOWN_LENGTH} caractères. Reçu : ${received}.`,
    en: `Must be a text of 1 to ${MAX_UNKNOWN_LENGTH} characters. Received: ${received}.`,
  };
}

/** The permitted values for a message: the first ones of many, and the nearest one to what was received. */
function listValues(values: readonly string[], received: unknown): { fr: string; en: string } {
  if (values.length <= MAX_NAMED) return { fr: `${values.join(', ')}.`, en: `${values.join(', ')}.` };
  const first = values.slice(0, MAX_NAMED).join(', ');
  const others = values.length - MAX_NAMED;
  const nearest = typeof received === 'string' ? nearestOf(values, received) : null;
  return {
    fr: `${first} et ${others} autres.${nearest === null ? '' : ` La plus proche : « ${nearest} ».`}`,
    en: `${first} and ${others} others.${nearest === null ? '' : ` The nearest one: "${nearest}".`}`,
  };
}

/** Truth values as a spreadsheet writes them, in English or in French. */
const readTruth = createLooseReader([
  ['true', true],
  ['vrai', true],
  ['false', false],
  ['faux', false],
]);

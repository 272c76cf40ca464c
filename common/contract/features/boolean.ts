import * as z from 'zod';
import { Text } from '../text.ts';
import { AS_TEXT, FEATURE_FIELDS, type FeatureKind, type FeatureValue, isPlain, notOfKind } from './kind.ts';

const Side = z.strictObject({
  label: Text,
  /** The text of the value in a text column of the graph, such as "Oui". The default is "true" or "false". */
  text: z.string().min(1).optional(),
  /** Other spellings of the value that a request may use. */
  aliases: z.array(z.union([z.string().min(1), z.number()])).default([]),
});

export const BooleanFeature = z.strictObject({
  ...FEATURE_FIELDS,
  type: z.literal('boolean'),
  /** The meaning of each of the two values. */
  values: z.strictObject({ true: Side, false: Side }),
});
export type BooleanFeature = z.infer<typeof BooleanFeature>;

/** True or false. */
export function booleanKind({ name, values }: BooleanFeature): FeatureKind {
  const texts = { true: values.true.text ?? 'true', false: values.false.text ?? 'false' };
  const own = [
    ...[texts.true, ...values.true.aliases].map((spelling) => [spelling, true] as const),
    ...[texts.false, ...values.false.aliases].map((spelling) => [spelling, false] as const),
  ];
  const spellings = new Map<unknown, boolean>(own);
  const canonicalise = (value: unknown) => {
    const known = spellings.get(value);
    return known ?? TRUTH.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
  };
  const isTrue = (value: FeatureValue) => (typeof value === 'boolean' ? value : notOfKind(name, value));
  return {
    defects() {
      const both = own.filter(([spelling, value]) => value && own.some(([it, other]) => it === spelling && !other));
      return both.map(([spelling]) => `feature "${name}" spells both of its values "${spelling}"`);
    },
    columnDefect: () => null,
    missing: null,
    rules: { 'at-most': false, 'seen-combinations': false },
    canonicalise,
    schema: () => z.boolean(),
    explain() {
      const others = own.map(([spelling]) => spelling).filter((spelling) => !TRUTH.has(spelling));
      const list = others.length > 0 ? ` (${others.join(', ')})` : '';
      return {
        rule: 'type',
        message: { fr: `Doit être true ou false${list}.`, en: `Must be true or false${list}.` },
      };
    },
    createReader() {
      const words = [...TRUTH].map(([it, value]) => [typeof it === 'string' ? it.toUpperCase() : it, value] as const);
      const all = [[true, true] as const, [false, false] as const, ...TRUTH, ...words, ...spellings];
      const plain = new Map<unknown, boolean>(all.filter(([spelling]) => isPlain(spelling)));
      return (value) => plain.get(value);
    },
    numbers: null,
    createCellParser: () => AS_TEXT,
    createRangeWarner: () => null,
    warnOfValue: null,
    encoders: {
      string: (value) => (isTrue(value) ? texts.true : texts.false),
      float32: (value) => (isTrue(value) ? 1 : 0),
      float64: (value) => (isTrue(value) ? 1 : 0),
      int32: (value) => (isTrue(value) ? 1 : 0),
      int64: (value) => (isTrue(value) ? 1n : 0n),
      bool: (value) => (isTrue(value) ? 1 : 0),
    },
    texts: () => [texts.false, texts.true],
    binOf: (value) => (value === null ? null : String(isTrue(value))),
    samples: () => [false, true],
    openApi: () => ({
      schema: { type: 'boolean' },
      unit: null,
      notes: [
        `\`true\` (${values.true.label.en}), \`false\` (${values.false.label.en}).`,
        `Also taken: ${own.map(([spelling, value]) => `\`${spelling}\` for \`${value}\``).join(', ')}, 1 and 0, and the words for yes and no.`,
      ],
    }),
    openInference: { datatype: 'BOOL', elements: ['boolean', 'text', 'number'] },
    fromElement: (element) => element,
  };
}

/** Truth values as people and spreadsheets write them, in English or in French, in lower case. */
const TRUTH = new Map<unknown, boolean>([
  [1, true],
  [0, false],
  ['1', true],
  ['0', false],
  ['true', true],
  ['false', false],
  ['vrai', true],
  ['faux', false],
  ['yes', true],
  ['no', false],
  ['oui', true],
  ['non', false],
]);

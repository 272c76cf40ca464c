import fc from 'fast-check';
import type { Contract } from '../contract/contract.ts';
import type { CategoryFeature } from '../contract/features/category.ts';
import { Feature, featureKind } from '../contract/features/features.ts';
import { attrition, flags } from './contracts.ts';

/** Records at and around everything that a contract says, for tests that hold two readers of them together. */

const spelled = (value: string, ...aliases: (string | boolean)[]) => ({
  value,
  label: { fr: value, en: value },
  aliases,
});

const feature = (name: string, description: object): Feature =>
  Feature.parse({ name, label: { en: name }, group: 'sirh', ...description });

const category = (name: string, ...categories: CategoryFeature['categories']): Feature =>
  feature(name, { type: 'category', aliases: [`${name}_alias`], categories });

const boolean = (name: string, yes: (string | number)[], no: (string | number)[]): Feature =>
  feature(name, {
    type: 'boolean',
    values: {
      true: { label: { fr: 'oui', en: 'yes' }, aliases: yes },
      false: { label: { fr: 'non', en: 'no' }, text: 'nein', aliases: no },
    },
  });

const hint = { fr: 'non', en: 'no' };

/** A contract with the optional parts that the published one lacks. */
export const oddContract: Contract = {
  ...attrition,
  features: [
    ...attrition.features,
    category('constructor', spelled('toString', '__proto__'), spelled('0', '1')),
    category('blank', spelled(' ', '\u00a0'), spelled('x', ' x')),
    category('accent', spelled('e\u0301', '\u00e9'), spelled('\u00c9', 'E\u0300')),
    category('truth', spelled('true', true), spelled('no', false, 'false', 'faux')),
    ...flags.features,
    boolean('odd', ['e\u0301', ' ', 'faux', 7], ['\u00c9', '1', -0]),
    feature('share', {
      type: 'number',
      accepted: { min: -1, max: 1, exclusiveMin: true, exclusiveMax: true },
      seen: { min: -0.5, max: 0.5 },
      refused: [
        { interval: { min: 0.2, max: 0.3, exclusiveMin: false, exclusiveMax: true }, hint },
        { interval: { min: -0.3, max: -0.2, exclusiveMin: true, exclusiveMax: false }, hint },
      ],
      suffix: '\u00e9',
    }),
    feature('missing count', {
      type: 'integer',
      accepted: { max: 9 },
      seen: { min: 0, max: 5 },
      missing: { graph: 'nan', absent: 'missing' },
    }),
    feature('missing share (%)', {
      type: 'number',
      accepted: {},
      seen: { min: 0, max: 1 },
      suffix: '%',
      missing: { graph: { token: -1e9 } },
    }),
    feature('missing flag', {
      type: 'boolean',
      values: { true: { label: { en: 'yes' } }, false: { label: { en: 'no' } } },
      missing: { graph: { token: 'unknown' }, absent: 'missing' },
    }),
    feature('missing town', {
      type: 'category',
      categories: [spelled('NA', 'Namibia'), spelled('Lyon')],
      unknown: 'warn',
      missing: { graph: { token: '' } },
    }),
    feature('town', {
      type: 'category',
      categories: [spelled('Lyon', true), spelled('Saint-Étienne')],
      unknown: 'warn',
    }),
  ],
};

const ODD_VALUES = {
  constructor: 'toString',
  blank: 'x',
  accent: '\u00e9',
  truth: true,
  share: 0,
  'missing share (%)': null,
  'missing town': null,
  town: 'Nice',
  ...flags.examples[0]?.input,
  odd: true,
};

/** A value that is at, around or nearly one that the feature takes. */
function valuesNear(feature: Feature): unknown[] {
  if (feature.type === 'category') {
    const spellings = feature.categories.flatMap(({ value, aliases }) => [value, ...aliases]);
    const texts = spellings.filter((it) => typeof it === 'string');
    return [
      ...spellings,
      ...texts.flatMap((it) => [it.normalize('NFD'), it.normalize('NFC'), it.toLowerCase(), ` ${it} `]),
    ];
  }
  if (!('accepted' in feature)) {
    const texts = featureKind(feature).texts() ?? [];
    return [...featureKind(feature).samples(), ...texts, ...texts.flatMap((it) => [it.toUpperCase(), ` ${it} `]), 0, 1];
  }
  const { accepted, seen, refused, suffix = '%' } = feature;
  const edges = [accepted, seen, ...refused.map(({ interval }) => interval)].flatMap(({ min, max }) => [min, max]);
  const near = edges.flatMap((it) => [it, it - 1, it + 1, it + 0.5, it * (1 + Number.EPSILON), it - 1e-9, it + 1e-9]);
  return [
    ...near,
    ...near.flatMap((it) => [`${it}`, `${it} ${suffix}`, `${it}${suffix}`.normalize('NFD').replace('.', ',')]),
  ];
}

const NOTHING_RIGHT = [
  null,
  undefined,
  true,
  false,
  '',
  ' ',
  '\u00a0',
  [],
  {},
  [3],
  new Number(3),
  3n,
  Symbol.iterator,
];
const NUMBERS = [0, -0, 1, 3, 3 + 4 * Number.EPSILON, 2 ** 53, 2 ** 60, 1e300, 5e-324, Number.NaN, Infinity, -Infinity];
const NUMERALS = ['3', '03', '3.0', '3,0', '+3', '-0', '1e1', '0x3', '3 %', '٣', '３', '1 234', '5,993', '12345678901'];
const IDENTIFIERS = ['E_12', 'E_0', 'E_E_1', '000012', ' 12 ', '-1', '9'.repeat(20)];
const TEXTS = ['NaN', 'toString', '__proto__', 'true', 'TRUE', 'vrai', 'Faux'];
const ANYTHING: unknown[] = [...NOTHING_RIGHT, ...NUMBERS, ...NUMERALS, ...IDENTIFIERS, ...TEXTS];

type Fields = Map<string, unknown>;
type Change = (fields: Fields) => void;

/** A valid record's fields, with a few changes; in whatever order. */
export function oddFields(contract: Contract): fc.Arbitrary<Fields> {
  const valid = fc.constantFrom(...contract.golden).map(({ values }) => {
    const known = attrition.features.map(({ name }, i): [string, unknown] => [name, values[i]]);
    return [...known, ...(contract.features.length > known.length ? Object.entries(ODD_VALUES) : [])];
  });
  const changes = fc.array(changeOf(contract), { maxLength: 3 });
  return fc.tuple(valid, changes, fc.boolean()).map(([entries, changed, isReversed]) => {
    const fields = new Map(isReversed ? entries.toReversed() : entries);
    for (const change of changed) change(fields);
    return fields;
  });
}

function changeOf({ features, identifier, ignored }: Contract): fc.Arbitrary<Change> {
  const anything = fc.oneof(fc.constantFrom(...ANYTHING), fc.anything());
  const near = fc
    .constantFrom(...features)
    .chain((feature) => fc.tuple(fc.constant(feature.name), fc.constantFrom(...valuesNear(feature))));
  const who = identifier ? [identifier.name, ...identifier.aliases] : ['id_employee'];
  const names = [
    ...features.flatMap(({ name, aliases }) => [name, ...aliases]),
    ...who,
    ...ignored.map(({ name }) => name),
    ...['__proto__', 'toString', 'hasOwnProperty', 'shoe_size', ''],
  ];
  return fc.oneof(
    {
      weight: 4,
      arbitrary: near.map(
        ([name, value]): Change =>
          (fields) =>
            fields.set(name, value),
      ),
    },
    fc.tuple(fc.constantFrom(...names), anything).map(
      ([name, value]): Change =>
        (fields) =>
          fields.set(name, value),
    ),
    fc.constantFrom(...names).map(
      (name): Change =>
        (fields) =>
          fields.delete(name),
    ),
    fc.constantFrom(...who).chain((name) =>
      fc.constantFrom(...IDENTIFIERS, 12, null).map(
        (value): Change =>
          (fields) =>
            fields.set(name, value),
      ),
    ),
    fc.tuple(fc.constantFrom(...features), fc.boolean()).map(
      ([{ name, aliases }, isMoved]): Change =>
        (fields) => {
          fields.set(aliases[0] ?? name, fields.get(name));
          if (isMoved && aliases.length > 0) fields.delete(name);
        },
    ),
  );
}

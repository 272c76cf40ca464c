import type { Contract } from '../contract/contract.ts';
import { type Feature, featureKind } from '../contract/features/features.ts';
import type { JsonObject } from './openapi-types.ts';

/** The most digits that a positive integer can have and always be exact. */
const IDENTIFIER_DIGITS = 15;

/**
 * The JSON Schema (2020-12) of one record in the contract's own spelling. The API accepts a record that satisfies it and the
 * rules between fields, which JSON Schema cannot express. Descriptions name the other accepted spellings.
 */
export function createRecordSchema(contract: Contract): JsonObject {
  const { features, identifier, ignored, examples } = contract;
  const properties: [string, JsonObject][] = features.map((feature) => [
    feature.name,
    describeFeature(feature, examples),
  ]);
  if (identifier) properties.push([identifier.name, identifierSchema(identifier)]);
  for (const { name, reason } of ignored) {
    properties.push([name, { description: `Accepted, and not used by the model. ${reason.en}` }]);
  }
  return {
    type: 'object',
    description: describeRecord(contract),
    properties: Object.fromEntries(properties),
    required: features.map(({ name }) => name),
    additionalProperties: false,
    examples: examples.map(({ input }) => input),
  };
}

function describeRecord({ title, rules, features, identifier }: Contract): string {
  const orders = rules.flatMap((rule) => (rule.type === 'at-most' ? [`- ${rule.message.en} (\`${rule.id}\`)`] : []));
  const combinations = rules.flatMap((rule) =>
    rule.type === 'seen-combinations' ? [`- ${rule.fields.map((name) => `\`${name}\``).join(', ')}`] : [],
  );
  const hasAliases = features.some(({ aliases }) => aliases.length > 0) || (identifier?.aliases.length ?? 0) > 0;
  return [
    `One record of ${title.en}: every field of the model under its own name.`,
    ...(hasAliases ? ['A field may be given under one of its other names (`x-aliases`) instead.'] : []),
    ...(orders.length > 0 ? ['A record that breaks one of these rules is refused:', orders.join('\n')] : []),
    ...(combinations.length > 0
      ? ['A combination that never occurred in training is predicted with a warning:', combinations.join('\n')]
      : []),
  ].join('\n\n');
}

function describeFeature(feature: Feature, examples: Contract['examples']): JsonObject {
  const { name, label, help, aliases } = feature;
  const { schema, unit, notes } = featureKind(feature).openApi();
  const others = aliases.length > 0 ? [`Other names: ${code(aliases)}.`] : [];
  const values = examples.flatMap(({ input }) => (input[name] === undefined ? [] : [input[name]]));
  return {
    title: label.en,
    description: [...(help ? [help.en] : []), ...notes, ...others].join(' '),
    ...(unit !== null && { 'x-unit': unit }),
    ...(aliases.length > 0 && { 'x-aliases': aliases }),
    examples: Array.from(new Set(values)),
    ...schema,
  };
}

function identifierSchema({ label, aliases, prefixes }: NonNullable<Contract['identifier']>): JsonObject {
  const prefix = prefixes.length > 0 ? `(?:${prefixes.map(escapeForPattern).join('|')})?` : '';
  return {
    title: label.en,
    description: [
      'Optional: recorded with the prediction, and never an input of the model. A positive integer, also as text',
      ...(prefixes.length > 0 ? [` that may begin with ${code(prefixes)}`] : []),
      aliases.length > 0 ? `. Other names: ${code(aliases)}.` : '.',
    ].join(''),
    ...(aliases.length > 0 && { 'x-aliases': aliases }),
    // Not one list of types: generators would ask a number to match the pattern.
    anyOf: [
      { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      { type: 'string', pattern: `^${prefix}0*[1-9][0-9]{0,${IDENTIFIER_DIGITS - 1}}(?:[.,]0{1,2})?$` },
      { type: 'null' },
    ],
  };
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

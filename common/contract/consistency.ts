import { type Feature, featureKind } from './features/features.ts';
import { duplicates } from './features/kind.ts';
import type { GraphType } from './graph.ts';
import { isOpen } from './interval.ts';
import { outputKind } from './outputs/outputs.ts';
import type { ContractFields } from './schema.ts';

type FeaturesByName = ReadonlyMap<string, Feature>;

/** The defects that the types of a contract cannot express: doubled or unknown names, orders, lengths. One sentence each. */
export function findInconsistencies(contract: ContractFields): string[] {
  const features: FeaturesByName = new Map(contract.features.map((feature) => [feature.name, feature]));
  return [
    ...versionDefects(contract),
    ...nameDefects(contract),
    ...contract.features.flatMap((feature) => featureDefects(feature, contract)),
    ...graphDefects(contract, features),
    ...contract.rules.flatMap((rule) => ruleDefects(rule, features)),
    ...outputDefects(contract),
    ...contract.golden.flatMap(({ values }, i) =>
      values.length === features.size ? [] : [`golden case ${i} has not one value a feature`],
    ),
    ...Object.keys(contract.baseline?.features ?? {})
      .filter((name) => !features.has(name))
      .map((name) => `the baseline describes the unknown feature "${name}"`),
  ];
}

function outputDefects({ output, golden, examples }: ContractFields): string[] {
  const kind = outputKind(output);
  const of = (what: string, cases: readonly object[]) =>
    cases.flatMap((one, i) => {
      const defect = kind.expectationDefect(one);
      return defect === null ? [] : [`${what} ${i} ${defect}`];
    });
  return [...kind.defects(), ...of('golden case', golden), ...of('example', examples)];
}

/** Version 1 has none of these: code that reads version 1 alone would refuse them. */
function versionDefects({ contractVersion, features, graph, output }: ContractFields): string[] {
  if (contractVersion !== 1) return [];
  const parts = {
    'missing values': features.some(({ missing }) => missing !== undefined),
    'unknown categories': features.some((feature) => 'unknown' in feature && feature.unknown === 'warn'),
    'protected or changeable features': features.some((feature) => feature.protected || feature.changeable),
    'an open range': features.some((it) => 'accepted' in it && (isOpen(it.accepted.min) || isOpen(it.accepted.max))),
    'inputs of float64 or int32': graph.inputs.some(({ type }) => type === 'float64' || type === 'int32'),
    'graph.outputColumn': graph.outputColumn !== undefined,
    [`outputs of the kind ${output.kind}`]: output.kind === 'multiclass' || output.kind === 'regression',
  };
  return Object.entries(parts).flatMap(([part, isThere]) =>
    isThere ? [`a contract of version 1 has no ${part}: its contractVersion must be 2`] : [],
  );
}

function nameDefects({ features, ignored, identifier }: ContractFields): string[] {
  const names = [
    ...features.flatMap(({ name, aliases }) => [name, ...aliases]),
    ...ignored.map(({ name }) => name),
    ...(identifier ? [identifier.name, ...identifier.aliases] : []),
  ];
  return duplicates(names).map((name) => `the field name or alias "${name}" is used twice`);
}

function featureDefects(feature: Feature, { groups }: ContractFields): string[] {
  const isKnown = groups.some(({ id }) => id === feature.group);
  const inGroup = isKnown ? [] : [`feature "${feature.name}" is in the unknown group "${feature.group}"`];
  return [...inGroup, ...featureKind(feature).defects()];
}

function graphDefects({ graph }: ContractFields, features: FeaturesByName): string[] {
  const columns = graph.inputs.flatMap((input) => input.features.map((name) => ({ name, type: input.type })));
  const names = columns.map(({ name }) => name);
  return [
    ...duplicates(names).map((name) => `feature "${name}" enters the graph twice`),
    ...[...features.keys()]
      .filter((name) => !names.includes(name))
      .map((name) => `feature "${name}" does not enter the graph`),
    ...columns.flatMap(({ name, type }) => columnDefect(name, type, features.get(name)) ?? []),
  ];
}

function columnDefect(name: string, type: GraphType, feature: Feature | undefined): string | null {
  return feature ? featureKind(feature).columnDefect(type) : `graph input column "${name}" is not a feature`;
}

function ruleDefects(rule: ContractFields['rules'][number], features: FeaturesByName): string[] {
  const fields = rule.type === 'at-most' ? [rule.left, rule.right] : rule.fields;
  const defects = fields.flatMap((field) => {
    const feature = features.get(field);
    if (!feature) return [`rule "${rule.id}" names the unknown feature "${field}"`];
    if (featureKind(feature).rules[rule.type]) return [];
    return [`rule "${rule.id}" cannot use feature "${field}" (${feature.type})`];
  });
  if (rule.type !== 'at-most' && rule.combinations.some(({ length }) => length !== rule.fields.length)) {
    defects.push(`rule "${rule.id}" has a combination whose length is not that of its fields`);
  }
  return defects;
}

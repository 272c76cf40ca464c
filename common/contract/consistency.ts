import type * as z from 'zod';
import type { ContractFields, Feature } from './contract.ts';

type Fields = z.infer<typeof ContractFields>;
type FeaturesByName = ReadonlyMap<string, Feature>;

/** What the types of a contract cannot say: names that must be unique or known, orders, lengths. One sentence a defect. */
export function findInconsistencies(contract: Fields): string[] {
  const features: FeaturesByName = new Map(contract.features.map((feature) => [feature.name, feature]));
  return [
    ...nameDefects(contract),
    ...contract.features.flatMap((feature) => featureDefects(feature, contract)),
    ...graphDefects(contract, features),
    ...contract.rules.flatMap((rule) => ruleDefects(rule, features)),
    ...bandDefects(contract.output.bands),
    ...contract.golden.flatMap(({ values }, i) =>
      values.length === features.size ? [] : [`golden case ${i} has not one value a feature`],
    ),
    ...Object.keys(contract.baseline?.features ?? {})
      .filter((name) => !features.has(name))
      .map((name) => `the baseline describes the unknown feature "${name}"`),
  ];
}

function nameDefects({ features, ignored, identifier }: Fields): string[] {
  const names = [
    ...features.flatMap(({ name, aliases }) => [name, ...aliases]),
    ...ignored.map(({ name }) => name),
    ...(identifier ? [identifier.name, ...identifier.aliases] : []),
  ];
  return duplicates(names).map((name) => `the field name or alias "${name}" is used twice`);
}

function featureDefects(feature: Feature, { groups }: Fields): string[] {
  const known = groups.some(({ id }) => id === feature.group);
  const inGroup = known ? [] : [`feature "${feature.name}" is in the unknown group "${feature.group}"`];
  if (feature.type === 'category') {
    const spellings = feature.categories.flatMap(({ value, aliases }) => [value, ...aliases]);
    const ambiguous = duplicates(spellings).map((it) => `feature "${feature.name}" spells two categories "${it}"`);
    return [...inGroup, ...ambiguous];
  }
  const { accepted, seen } = feature;
  const outside = seen.min < accepted.min || seen.max > accepted.max;
  return outside ? [...inGroup, `feature "${feature.name}" was seen outside what it accepts`] : inGroup;
}

function graphDefects({ graph }: Fields, features: FeaturesByName): string[] {
  const columns = graph.inputs.flatMap((input) => input.features.map((name) => ({ name, type: input.type })));
  const names = columns.map(({ name }) => name);
  return [
    ...duplicates(names).map((name) => `feature "${name}" enters the graph twice`),
    ...[...features.keys()]
      .filter((name) => !names.includes(name))
      .map((name) => `feature "${name}" does not enter the graph`),
    ...columns.flatMap(({ name, type }) => columnDefects(name, type, features.get(name))),
  ];
}

function columnDefects(name: string, type: string, feature: Feature | undefined): string[] {
  if (!feature) return [`graph input column "${name}" is not a feature`];
  if ((feature.type === 'category') !== (type === 'string')) {
    return [`feature "${name}" (${feature.type}) cannot enter the graph as ${type}`];
  }
  if (feature.type === 'number' && type === 'int64') return [`feature "${name}" would lose its decimals as int64`];
  return [];
}

function ruleDefects(rule: Fields['rules'][number], features: FeaturesByName): string[] {
  const ordered = rule.type === 'at-most';
  const fields = ordered ? [rule.left, rule.right] : rule.fields;
  const defects = fields.flatMap((field) => {
    const type = features.get(field)?.type;
    if (!type) return [`rule "${rule.id}" names the unknown feature "${field}"`];
    return (type !== 'category') === ordered ? [] : [`rule "${rule.id}" cannot use feature "${field}" (${type})`];
  });
  if (!ordered && rule.combinations.some(({ length }) => length !== rule.fields.length)) {
    defects.push(`rule "${rule.id}" has a combination whose length is not that of its fields`);
  }
  return defects;
}

function bandDefects(bands: Fields['output']['bands']): string[] {
  const starts = bands.map(({ from }) => from);
  const ascending = starts.every((from, i) => (i === 0 ? from === 0 : from > (starts[i - 1] ?? 0)));
  return ascending ? [] : ['the risk bands must start at 0 and ascend'];
}

function duplicates<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}

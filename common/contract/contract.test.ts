import { describe, expect, it } from 'vitest';
import { attrition, attritionJson } from '../test/contracts.ts';
import { Contract } from './contract.ts';

/** The published contract after `change`; a deep copy. */
function changed(change: (contract: Contract) => unknown): unknown {
  const copy = structuredClone(attrition);
  change(copy);
  return copy;
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('the contract has none');
  return item;
}

function defectsOf(contract: unknown): string[] {
  return Contract.safeParse(contract).error?.issues.map(({ message }) => message) ?? [];
}

describe('a contract', () => {
  it('is what the repository publishes', () => {
    expect(defectsOf(JSON.parse(attritionJson))).toEqual([]);
  });

  const cases: [title: string, change: (contract: Contract) => unknown, defect: string][] = [
    [
      'a name used twice',
      ({ features }) => features.push(first(features)),
      'the field name or alias "age" is used twice',
    ],
    [
      'an alias that is a name',
      ({ features }) => first(features).aliases.push('genre'),
      'the field name or alias "genre" is used twice',
    ],
    [
      'an unknown group',
      ({ features }) => Object.assign(first(features), { group: 'x' }),
      'feature "age" is in the unknown group "x"',
    ],
    [
      'training outside what is accepted',
      ({ features }) => Object.assign(first(features), { seen: { min: 1, max: 60 } }),
      'feature "age" was seen outside what it accepts',
    ],
    [
      'a feature that the graph lacks',
      ({ graph }) => graph.inputs.map(({ features }) => features.shift()),
      'feature "age" does not enter the graph',
    ],
    [
      'a graph column that is no feature',
      ({ graph }) => first(graph.inputs).features.push('salary'),
      'graph input column "salary" is not a feature',
    ],
    [
      'a column that enters twice',
      ({ graph }) => graph.inputs.map(({ features }) => features.push(first(features))),
      'feature "age" enters the graph twice',
    ],
    [
      'text for a number',
      ({ graph }) => graph.inputs.map((input) => Object.assign(input, { type: 'string' })),
      'feature "age" (integer) cannot enter the graph as string',
    ],
    [
      'decimals for whole numbers',
      ({ graph }) =>
        graph.inputs.filter(({ type }) => type === 'float32').map((input) => Object.assign(input, { type: 'int64' })),
      'feature "revenu_mensuel" would lose its decimals as int64',
    ],
    [
      'a rule about an unknown feature',
      ({ rules }) =>
        rules.filter(({ type }) => type === 'at-most').map((rule) => Object.assign(rule, { id: 'r', left: 'salary' })),
      'rule "r" names the unknown feature "salary"',
    ],
    [
      'a combination of the wrong length',
      ({ rules }) =>
        rules.filter((rule) => rule.type === 'seen-combinations').map((rule) => rule.combinations.push(['x'])),
      'has a combination whose length is not that of its fields',
    ],
    [
      'bands that do not start at 0',
      ({ output }) => 'threshold' in output && output.bands.shift(),
      'the risk bands must start at 0 and ascend',
    ],
    [
      'parts of version 2 in version 1',
      (contract) => Object.assign(contract, { contractVersion: 1 }),
      'a contract of version 1 has no protected or changeable features: its contractVersion must be 2',
    ],
    [
      'a golden case that is too short',
      ({ golden }) => first(golden).values.pop(),
      'golden case 0 has not one value a feature',
    ],
    [
      'a field that it does not know',
      (contract) => Object.assign(contract, { treshold: 0.5 }),
      'Unrecognized key: "treshold"',
    ],
    [
      'a field that a record could not hold',
      ({ features }) => Object.assign(first(features), { name: '__proto__' }),
      'may not be "__proto__"',
    ],
    [
      'a threshold above 1',
      ({ output }) => Object.assign(output, { threshold: 32 }),
      'Too big: expected number to be <=1',
    ],
  ];
  it.each(cases)('is refused with %s', (_title, change, defect) => {
    expect(defectsOf(changed(change)).join('\n')).toContain(defect);
  });
});

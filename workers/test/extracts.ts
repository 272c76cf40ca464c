import type { Contract } from '../../common/contract/contract.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';

/** Records as one CSV extract a group of the contract, by the group's id. The records are numbered from 1. */
export function toExtracts(
  { groups, features, identifier }: Pick<Contract, 'groups' | 'features' | 'identifier'>,
  records: readonly Readonly<Record<string, FeatureValue>>[],
): Map<string, string> {
  const who = identifier?.name ?? '';
  return new Map(
    groups.map(({ id }) => {
      const names = features.filter(({ group }) => group === id).map(({ name }) => name);
      const rows = records.map((record, i) => [i + 1, ...names.map((name) => record[name] ?? '')]);
      return [id, [[who, ...names], ...rows].map((row) => `${row.join(';')}\n`).join('')];
    }),
  );
}

/** Texts as the parts of a form. */
export function toForm(parts: ReadonlyMap<string, string>): FormData {
  const form = new FormData();
  for (const [name, text] of parts) form.set(name, new File([text], `${name}.csv`, { type: 'text/csv' }));
  return form;
}

import type { Contract } from '../../common/contract/contract.ts';
import { columnsByName } from '../../common/tables/cells.ts';
import { type ColumnMapping, createColumnMatcher } from '../../common/tables/match-columns.ts';

/** The kind of a file: all columns in one, or the extract of one group of the contract. */
export type Role = { kind: 'whole' } | { kind: 'extract'; group: string };

export type RecognisedFile<F> = { file: F; name: string; role: Role };

/**
 * Tells the role of a CSV file by the names in its header: an extract has the fields of one group only. A file with none of the
 * fields is told by its own name.
 */
export function createRecogniser(
  contract: Contract,
  mapping?: ColumnMapping,
): (names: readonly string[], fileName: string) => Role {
  const match = createColumnMatcher(contract, mapping);
  const { features, groups, identifier } = contract;
  const columns = columnsByName(contract);
  const groupOf = new Map(features.map(({ name, group }) => [name, group]));
  const joinable = identifier !== undefined && new Set(groupOf.values()).size > 1;
  return (names, fileName) => {
    if (!joinable) return { kind: 'whole' };
    const found = new Set(match(names).flatMap((name) => groupOf.get(columns.get(name)?.field ?? '') ?? []));
    if (found.size === 0) {
      const lower = fileName.toLowerCase();
      const group = groups.find(({ id }) => lower.includes(id.toLowerCase()));
      return group ? { kind: 'extract', group: group.id } : { kind: 'whole' };
    }
    const [only] = found;
    return found.size === 1 && only !== undefined ? { kind: 'extract', group: only } : { kind: 'whole' };
  };
}

/** The files to predict: none, one, or the extracts chosen so far, by group. */
export type Selection<F> =
  | { kind: 'none' }
  | { kind: 'whole'; file: RecognisedFile<F> }
  | { kind: 'extracts'; files: ReadonlyMap<string, RecognisedFile<F>> };

export type SelectionFault = 'two-files' | 'mixed' | 'same-extract';

/** Adds files that were chosen together. A whole file takes the place of all; an extract that of an earlier one of its group. */
export function select<F>(
  selection: Selection<F>,
  added: readonly RecognisedFile<F>[],
): Selection<F> | { fault: SelectionFault } {
  const whole = added.filter(({ role }) => role.kind === 'whole');
  const [first] = whole;
  if (first) {
    if (whole.length > 1) return { fault: 'two-files' };
    return added.length > 1 ? { fault: 'mixed' } : { kind: 'whole', file: first };
  }
  const files = new Map(selection.kind === 'extracts' ? selection.files : []);
  const groups = added.flatMap(({ role }) => (role.kind === 'extract' ? [role.group] : []));
  if (new Set(groups).size < groups.length) return { fault: 'same-extract' };
  for (const file of added) if (file.role.kind === 'extract') files.set(file.role.group, file);
  return files.size === 0 ? selection : { kind: 'extracts', files };
}

/** The groups whose extract is still missing; none for a whole file. */
export function missingGroups(contract: Contract, selection: Selection<unknown>): Contract['groups'] {
  if (selection.kind !== 'extracts') return [];
  return contract.groups.filter(
    ({ id }) => !selection.files.has(id) && contract.features.some(({ group }) => group === id),
  );
}

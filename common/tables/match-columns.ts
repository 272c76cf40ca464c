import type { Contract } from '../contract/contract.ts';
import type { Text } from '../contract/text.ts';
import { withoutUnseen } from '../record/read-number.ts';

/** Which column of a file is which field, where its name does not tell: by the name as the file has it. */
export type ColumnMapping = ReadonlyMap<string, string>;

/** The field of each name, spelled as the contract spells it; "" for a name that the contract does not know. */
export type ColumnMatcher = (names: readonly string[]) => string[];

/**
 * Letters and digits: "Niveau d’études", "NIVEAU_D_ETUDES" and "niveau  d'etudes" are one. The signs of a unit stay, because a raise in
 * euros is not a raise in percent.
 */
function commonForm(name: string): string {
  return withoutUnseen(name)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll(/[^\p{L}\p{N}\p{Sc}%‰°]/gu, '');
}

/**
 * Compiles a contract into a function that recognises the columns of a file by their names. A field is known by its name, its aliases,
 * and its labels in both languages, with its unit or without: in other case, with other blanks, signs and accents. What two fields
 * share tells neither.
 */
export function createColumnMatcher(contract: Contract, mapping: ColumnMapping = new Map()): ColumnMatcher {
  const { exact, loose } = spellingsOf(contract);
  return (names) =>
    names.map((name) => {
      const mapped = mapping.get(name);
      if (mapped !== undefined && exact.has(mapped)) return mapped;
      return exact.get(name) ?? loose.get(commonForm(name)) ?? '';
    });
}

/** Fields by their own names, and by the common form of all that they are called; "" where several are called so. */
type Spellings = { exact: ReadonlyMap<string, string>; loose: ReadonlyMap<string, string> };

/** Compiled once for each contract: it takes as long as reading a hundred rows. */
const known = new WeakMap<Contract, Spellings>();

function spellingsOf(contract: Contract): Spellings {
  const spellings = known.get(contract) ?? compileSpellings(contract);
  known.set(contract, spellings);
  return spellings;
}

function compileSpellings(contract: Contract): Spellings {
  const exact = new Map<string, string>();
  const loose = new Map<string, string>();
  for (const { field, names, labels } of fieldsOf(contract)) {
    for (const name of names) exact.set(name, name);
    for (const form of new Set([...names, ...labels].map(commonForm)))
      if (form !== '') loose.set(form, loose.has(form) ? '' : field);
  }
  return { exact, loose };
}

type Spelled = { field: string; names: string[]; labels: string[] };

function fieldsOf({ features, identifier, ignored }: Contract): Spelled[] {
  return [
    ...features.map((feature) => ({
      field: feature.name,
      names: [feature.name, ...feature.aliases],
      labels: labelsOf(feature.label, 'unit' in feature ? feature.unit : undefined),
    })),
    ...(identifier
      ? [
          {
            field: identifier.name,
            names: [identifier.name, ...identifier.aliases],
            labels: labelsOf(identifier.label, undefined),
          },
        ]
      : []),
    ...ignored.map(({ name }) => ({ field: name, names: [name], labels: [] })),
  ];
}

/** Only the field's own unit may follow: an income in thousands is not the income. */
function labelsOf({ fr, en }: Text, unit: Text | undefined): string[] {
  return unit ? [fr, en, `${fr} ${unit.fr}`, `${en} ${unit.en}`] : [fr, en];
}

/** How many columns must be known for a row to be a header. A title, or a row of values, has hardly any. */
const KNOWN_COLUMNS = 2;

/** Returns a function that tells whether a row of cells names the columns of this contract. */
export function createHeaderTest(contract: Contract, match: ColumnMatcher): (names: readonly string[]) => boolean {
  const enough = Math.min(KNOWN_COLUMNS, contract.features.length);
  return (names) => new Set(match(names).filter((field) => field !== '')).size >= enough;
}

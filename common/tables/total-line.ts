import type { Contract } from '../contract/contract.ts';
import { featureKind } from '../contract/features/features.ts';
import type { FeatureKind } from '../contract/features/kind.ts';

/** How spreadsheets and pandas (`margins`, `describe`) name a line that sums up others, in French and English. */
const TOTAL =
  /^(?:(?:grand |sous[- ]|sub-?)?total(?:s|e|aux)?(?: g[ée]n[ée]ral)?|somme|sum|moyenne|moy\.?|mean|average|avg\.?|effectif|count|nombre|m[ée]diane|median|all)(?: ?[:=].*| .{0,40})?$/i;

/** Whether the text of a row may begin so: hardly any other does, and most rows begin with a digit. */
export function mayBeTotal(text: string): boolean {
  const first = text.charCodeAt(0);
  return (first < ZERO || first > NINE) && LIKE_TOTAL.test(text);
}

const ZERO = 0x30;
const NINE = 0x39;

const LIKE_TOTAL = /^[\s,;|]*(?:grand|sous|sub|total|somme|sum|moy|mean|av|effectif|count|nombre|m[ée]d|all)/i;

/**
 * Compiles a contract into a test of the rows of a table whose columns are these fields ("" for none). A total's first text says so,
 * not where a text may be a value, and a cell that every record needs is blank.
 */
export function createTotalTest(contract: Contract): (cells: readonly string[], fields: readonly string[]) => boolean {
  // Not before a row may be a total, which few files have.
  let kinds: ReadonlyMap<string, FeatureKind> | undefined;
  return (cells, fields) => {
    const first = cells.findIndex((cell) => cell.trim() !== '');
    if (!TOTAL.test(cells[first]?.trim().normalize() ?? '')) return false;
    kinds ??= kindsByName(contract);
    const kind = kinds.get(fields[first] ?? '');
    if (kind && kind.numbers === null) return false;
    for (const [i, field] of fields.entries()) if (kinds.has(field) && (cells[i] ?? '').trim() === '') return true;
    return false;
  };
}

function kindsByName({ features }: Contract): ReadonlyMap<string, FeatureKind> {
  return new Map(
    features.flatMap((feature) =>
      [feature.name, ...feature.aliases].map((name) => [name, featureKind(feature)] as const),
    ),
  );
}

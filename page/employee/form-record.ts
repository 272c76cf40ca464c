import type { Contract, Feature } from '../../common/contract/contract.ts';
import type { Violation } from '../../common/record/violation.ts';

/** What a control shows, as text; '' where it is empty. */
export type Entries = Readonly<Record<string, string>>;

/** Stands for a text in a number field that is no number: the browser shows it, and does not tell what it is. */
export const UNREADABLE = '\u0000';

/** What the form holds, as a record to validate. A field that is empty is left out. */
export function toRecord({ features, identifier }: Contract, entries: Entries): Record<string, unknown> {
  const values = features.flatMap((feature) => {
    const entry = entries[feature.name] ?? '';
    return entry === '' ? [] : [[feature.name, toValue(feature, entry)]];
  });
  const who = identifier && entries[identifier.name]?.trim();
  return Object.fromEntries([...(identifier && who ? [[identifier.name, who]] : []), ...values]);
}

function toValue({ type }: Feature, entry: string): string | number {
  if (type === 'category') return entry;
  return entry === UNREADABLE ? Number.NaN : Number(entry);
}

export function toEntries(record: Readonly<Record<string, string | number>>): Entries {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, String(value)]));
}

export function countFilled({ features }: Contract, entries: Entries): number {
  return features.filter(({ name }) => (entries[name] ?? '') !== '').length;
}

/**
 * The violations that are worth showing now. While somebody is still filling in the form, what is empty is no mistake, and
 * neither is a field that was not left yet; once they submitted it, everything is.
 */
export function shownViolations(
  violations: readonly Violation[],
  { left, isSubmitted }: { left: ReadonlySet<string>; isSubmitted: boolean },
): Violation[] {
  if (isSubmitted) return [...violations];
  return violations.filter(({ fields, rule }) => rule !== 'required' && fields.every((name) => left.has(name)));
}

/** The fields whose entries differ, in the contract's order. */
export function changedFields({ features }: Contract, before: Entries, after: Entries): Feature[] {
  return features.filter(({ name }) => (before[name] ?? '') !== (after[name] ?? ''));
}

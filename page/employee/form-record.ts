import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import type { FeatureRecord } from '../../common/record/request-schema.ts';
import type { Violation } from '../../common/record/violation.ts';
import { type Entry, UNKNOWN } from '../features/control.ts';
import { featureControl } from '../features/controls.ts';
import type { Language } from '../language.ts';

/** The entries of the controls, by the features' names. */
export type Entries = Readonly<Record<string, Entry>>;

/** The entries of the form, as a record to validate. It lacks empty fields; a missing value is null. */
export function recordOf({ features, identifier }: Contract, entries: Entries): Record<string, unknown> {
  const values = features.flatMap((feature) => {
    const value = readEntry(feature, entries);
    return value === undefined ? [] : [[feature.name, value]];
  });
  const who = identifier && entries[identifier.name]?.trim();
  return Object.fromEntries([...(identifier && who ? [[identifier.name, who]] : []), ...values]);
}

/** The value of a field: undefined where it is empty, null where it is said to be missing. */
export function readEntry(feature: Feature, entries: Entries): FeatureValue | undefined {
  const entry = entries[feature.name] ?? '';
  if (entry === UNKNOWN) return null;
  return entry.trim() === '' ? undefined : featureControl(feature).readEntry(entry);
}

/** The entries that stand for a record, as the language writes them. */
export function toEntries({ features }: Contract, record: FeatureRecord, language: Language): Entries {
  const entries = features.flatMap((feature) => {
    const value = record[feature.name];
    if (value === undefined) return [];
    return [[feature.name, value === null ? UNKNOWN : featureControl(feature).toEntry(value, language)]];
  });
  return Object.fromEntries(entries);
}

export function countFilled({ features }: Contract, entries: Entries): number {
  return features.filter((feature) => readEntry(feature, entries) !== undefined).length;
}

/**
 * The violations to show now. Until the visitor submits the form, an empty field is not a mistake, and neither is a field that
 * the visitor has not left yet. After that, every violation is shown.
 */
export function shownViolations(
  violations: readonly Violation[],
  { left, isSubmitted }: { left: ReadonlySet<string>; isSubmitted: boolean },
): Violation[] {
  if (isSubmitted) return [...violations];
  return violations.filter(({ fields, rule }) => rule !== 'required' && fields.every((name) => left.has(name)));
}

/** The fields whose values differ, in the contract's order. "1,5" and "1.5" are one value. */
export function changedFields({ features }: Contract, before: Entries, after: Entries): Feature[] {
  return features.filter((feature) => readEntry(feature, before) !== readEntry(feature, after));
}

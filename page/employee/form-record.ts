import type { Contract } from '../../common/contract/contract.ts';
import type { Feature } from '../../common/contract/features/features.ts';
import type { FeatureRecord } from '../../common/record/request-schema.ts';
import type { Violation } from '../../common/record/violation.ts';
import type { Entry } from '../features/control.ts';
import { featureControl } from '../features/controls.ts';

/** The entries of the controls, by the features' names. */
export type Entries = Readonly<Record<string, Entry>>;

/** The entries of the form, as a record to validate. It lacks empty fields. */
export function recordOf({ features, identifier }: Contract, entries: Entries): Record<string, unknown> {
  const values = features.flatMap((feature) => {
    const entry = entries[feature.name] ?? '';
    return entry === '' ? [] : [[feature.name, featureControl(feature).readEntry(entry)]];
  });
  const who = identifier && entries[identifier.name]?.trim();
  return Object.fromEntries([...(identifier && who ? [[identifier.name, who]] : []), ...values]);
}

export function toEntries(record: FeatureRecord): Entries {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value === null ? '' : String(value)]));
}

export function countFilled({ features }: Contract, entries: Entries): number {
  return features.filter(({ name }) => (entries[name] ?? '') !== '').length;
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

/** The fields whose entries differ, in the contract's order. */
export function changedFields({ features }: Contract, before: Entries, after: Entries): Feature[] {
  return features.filter(({ name }) => (before[name] ?? '') !== (after[name] ?? ''));
}

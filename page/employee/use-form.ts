import { useMemo, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import { createValidator, type Validation } from '../../common/record/validation.ts';
import type { Violation, Warning } from '../../common/record/violation.ts';
import { type Entries, recordOf, shownViolations } from './form-record.ts';

export type Form = {
  entries: Entries;
  /** The entries of the form, as a request's record. */
  record: Record<string, unknown>;
  /** The record as one string: the same where the form holds the same. */
  key: string;
  validation: Validation;
  violations: Violation[];
  warnings: Warning[];
  set(name: string, entry: string): void;
  leave(name: string): void;
  fill(entries: Entries): void;
  /** From now on, everything that is wrong is shown. */
  submit(): void;
};

type State = { entries: Entries; left: ReadonlySet<string>; isSubmitted: boolean };

const EMPTY: State = { entries: {}, left: new Set(), isSubmitted: false };

/** The form, which begins with these entries. */
export function useForm(contract: Contract, first: Entries): Form {
  const [state, setState] = useState<State>({ ...EMPTY, entries: first });
  const validate = useMemo(() => createValidator(contract), [contract]);
  const { entries } = state;
  const { record, key, validation } = useMemo(() => {
    const record = recordOf(contract, entries);
    return { record, key: JSON.stringify(record), validation: validate(record) };
  }, [contract, validate, entries]);

  return {
    entries,
    record,
    key,
    validation,
    violations: validation.ok ? [] : shownViolations(validation.violations, state),
    warnings: validation.ok ? validation.warnings : [],
    set: (name, entry) => setState((before) => ({ ...before, entries: { ...before.entries, [name]: entry } })),
    leave: (name) =>
      setState((before) => (before.left.has(name) ? before : { ...before, left: new Set(before.left).add(name) })),
    fill: (filled) => setState({ ...EMPTY, entries: filled }),
    submit: () => setState((before) => ({ ...before, isSubmitted: true })),
  };
}

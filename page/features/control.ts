import type { ComponentChildren } from 'preact';
import type { FeatureValue, GivenValue } from '../../common/contract/features/kind.ts';
import type { Text } from '../../common/contract/text.ts';
import type { Language } from '../language.ts';

/** The text that a control shows; '' where it is empty. */
export type Entry = string;

/** The entry of a value that is known to be missing. Nobody can type it. */
export const UNKNOWN: Entry = '\u0000';

/** Values that are few enough to be shown side by side. */
export type Choice = { value: Entry; label: string };

export type ControlProps = {
  language: Language;
  entry: Entry;
  /** Why the entry is refused; '' for a good one. */
  error: string;
  change(entry: Entry): void;
};

/** The ids of a field's parts, by which they refer to each other. A name may have blanks, and an id may not. */
export function idsOf(name: string) {
  const id = `field-${encodeURIComponent(name)}`;
  return { control: id, label: `${id}-label`, notes: `${id}-notes` };
}

/** All that the page knows of one feature by its kind: how it is filled in, read, put into words and drawn. */
export interface FeatureControl {
  /** The values of a feature that has few of them; null for one that has many. */
  choices(language: Language): Choice[] | null;
  /** The accepted values, in words; null where the control shows them. */
  describeRange(language: Language): string | null;
  /** The control of a feature whose values are not shown side by side. */
  Control(props: ControlProps): ComponentChildren;
  /** The value that an entry stands for, to be validated. Text that a control cannot read stays text, for the contract to refuse. */
  readEntry(entry: Entry): FeatureValue;
  /** The entry that stands for a value, as the language writes it. `readEntry` reads it in every language. */
  toEntry(value: GivenValue, language: Language): Entry;
  /** A value in words, with its unit. */
  describe(value: FeatureValue, language: Language): string;
  /** The values that a chart tries. */
  valuesToTry(): GivenValue[];
  /** The scale that a chart draws the values on; null where each has a bar of its own. */
  readonly scale: { unit: Text | null } | null;
}

/** A missing value in words. */
export const MISSING: Text = { fr: 'non renseigné', en: 'not given' };

import { withoutUnseen } from '../../record/read-number.ts';

/**
 * Other spellings of a text that mean the same: with other blanks around and inside, characters without a width, capitals, or
 * accents that are written as characters of their own. A form makes none of them, but spreadsheets and copied text do.
 */

/** The form that all such spellings share; '' for a text of blanks alone. */
function commonForm(text: string): string {
  return withoutUnseen(text).replace(/\s+/g, ' ').toLowerCase().normalize();
}

/** Finds the value that a text spells loosely, among these spellings; undefined where it is none, or may be several. */
export function createLooseReader<Value>(
  spellings: Iterable<readonly [text: string, value: Value]>,
): (text: string) => Value | undefined {
  const values = new Map<string, Value | undefined>();
  for (const [text, value] of spellings) {
    const form = commonForm(text);
    if (form !== '') values.set(form, values.has(form) && values.get(form) !== value ? undefined : value);
  }
  return (text) => values.get(commonForm(text));
}

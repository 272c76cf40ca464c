import type { BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import type { Text } from '../../../common/contract/text.ts';
import { cameTrue } from './texts.ts';

/**
 * An observed label in words. The contract's own words are those of a prediction ("likely to leave"), which would be wrong for a
 * fact: so the prediction is said to have come true. A label of another version is given as it is.
 */
export function observedText({ positive, negative }: BinaryOutput, label: string): Text {
  const known = [positive, negative].find(({ value }) => value === label);
  return known ? cameTrue(known.label) : { fr: label, en: label };
}

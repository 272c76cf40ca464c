import type { BinaryOutput } from '../../../common/contract/outputs/binary.ts';

/**
 * An observed label, as the training data say it: "Oui" or "Non" to `a_quitte_l_entreprise`. The contract's own words are those
 * of a prediction ("likely to leave"), which would be wrong for a fact.
 */
export function observedText({ target, positive, negative }: BinaryOutput, label: string): string {
  if (label === positive.value) return String(target.positive);
  return label === negative.value ? String(target.negative) : label;
}

/** As `observedText`, with the name of the column. */
export function observedSentence(output: BinaryOutput, label: string): string {
  return `${output.target.name} = ${observedText(output, label)}`;
}

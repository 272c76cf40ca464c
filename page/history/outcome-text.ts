import type { Contract } from '../../common/contract/contract.ts';

/**
 * What happened, as the training data say it: "Oui" or "Non" to `a_quitte_l_entreprise`. The words of the contract's labels
 * are those of a prediction ("likely to leave"), which would be wrong for a fact.
 */
export function outcomeText({ output: { target, positive, negative } }: Contract, label: string): string {
  if (label === positive.value) return String(target.positive);
  return label === negative.value ? String(target.negative) : label;
}

/** As `outcomeText`, with what it is an answer to. */
export function outcomeSentence(contract: Contract, label: string): string {
  return `${contract.output.target.name} = ${outcomeText(contract, label)}`;
}

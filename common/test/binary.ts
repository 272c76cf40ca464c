import type { PredictAnswer } from '../api/answers.ts';
import { Contract } from '../contract/contract.ts';
import type { BinaryExpectation, BinaryOutcome, BinaryOutput } from '../contract/outputs/binary.ts';

/** A contract whose output is binary, by its type. */
export type BinaryContract = Omit<Contract, 'output' | 'golden' | 'examples'> & {
  output: BinaryOutput;
  golden: Extract<Contract['golden'][number], BinaryExpectation>[];
  examples: Extract<Contract['examples'][number], BinaryExpectation>[];
};

/** Throws for a contract of another kind. */
export function parseBinaryContract(value: unknown): BinaryContract {
  return binaryContract(Contract.parse(value));
}

/** Throws for a contract of another kind. */
export function binaryContract(contract: Contract): BinaryContract {
  if (!isBinary(contract)) throw new Error(`the output of ${contract.name} is not binary`);
  return contract;
}

function isBinary(contract: Contract): contract is BinaryContract {
  const { output } = contract;
  return output.kind === undefined || output.kind === 'binary';
}

export type BinaryAnswer = Extract<PredictAnswer, BinaryOutcome>;

/** What holds an outcome, as that of a binary model. Throws for another one. */
export function binary<T extends object>(answer: T): Extract<T, BinaryOutcome> {
  if (!hasThreshold(answer)) throw new Error(`not the outcome of a binary model: ${JSON.stringify(answer)}`);
  return answer;
}

function hasThreshold<T extends object>(answer: T): answer is Extract<T, BinaryOutcome> {
  return 'threshold' in answer;
}

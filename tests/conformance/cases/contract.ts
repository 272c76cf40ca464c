import type { Contract } from '../../../common/contract/contract.ts';
import { featureKind } from '../../../common/contract/features/features.ts';
import { type Check, infersTheSame, refusesNaming } from '../checks.ts';
import type { JsonInput } from '../exchange.ts';
import type { Datatype, Value } from '../protocol.ts';
import type { Subject } from '../subject.ts';
import type { Tensor } from '../tensors.ts';
import { type Case, INTEGERS, infer, isSkip, NUMBERS, type Skip } from './case.ts';

const NO_CONTRACT: Skip = { skip: 'the server publishes no contract of the model at /v1/model' };

/** What a contract adds, where the server publishes one: other shapes and datatypes, and values that are refused. */
export const contractCases: Case[] = [
  sameAs('columns of shape [n, 1], flat', ({ inputs }) => inputs.map((input) => ({ ...input, shape: [1, 1] }))),
  sameAs('columns of shape [n, 1], nested', ({ inputs }) =>
    inputs.map((input) => ({ ...input, shape: [1, 1], data: [input.data] })),
  ),
  sameAs('integers as INT32', ({ inputs }) => retype(inputs, INTEGERS, 'INT32')),
  sameAs('integers as FP64', ({ inputs }) => retype(inputs, INTEGERS, 'FP64')),
  sameAs('numbers as FP32', ({ inputs }) => retype(inputs, NUMBERS, 'FP32')),
  sameAs("the graph's own inputs, flat", (known) => graphInputs(known, (row) => row)),
  sameAs("the graph's own inputs, nested", (known) => graphInputs(known, (row) => [row])),
  refusal('a number beyond what is accepted', (contract) => numberOf(contract), -1e9),
  refusal('a category that there is not', (contract) => categoryOf(contract), 'no-such-category'),
];

type Known = { inputs: Tensor[]; contract: Contract };

/** The valid request, told in another way. */
function sameAs(title: string, tell: (known: Known) => JsonInput[] | Skip): Case {
  return {
    title,
    check: infersTheSame,
    call(subject) {
      const { contract, rows } = subject;
      if (!contract) return NO_CONTRACT;
      const inputs = tell({ inputs: rows[0], contract });
      return isSkip(inputs) ? inputs : infer(subject, inputs);
    },
  };
}

/** The valid request with a value that the contract refuses: the error names the input. */
function refusal(title: string, nameOf: (contract: Contract) => string | undefined, value: Value): Case {
  const target = ({ contract }: Subject) => (contract ? nameOf(contract) : undefined);
  const check: Check = (answer, subject) => refusesNaming(target(subject) ?? '')(answer, subject);
  return {
    title: `${title}, which the error names`,
    check,
    call(subject) {
      const name = target(subject);
      if (name === undefined) return NO_CONTRACT;
      return infer(
        subject,
        subject.rows[0].map((input) => (input.name === name ? { ...input, data: input.data.map(() => value) } : input)),
      );
    },
  };
}

function numberOf({ features }: Contract) {
  return features.find((feature) => featureKind(feature).numbers !== null)?.name;
}

function categoryOf({ features }: Contract) {
  return features.find((feature) => featureKind(feature).openInference.datatype === 'BYTES')?.name;
}

function retype(inputs: Tensor[], from: readonly Datatype[], to: Datatype): JsonInput[] {
  return inputs.map((input) => (from.includes(input.datatype) ? { ...input, datatype: to } : input));
}

const GRAPH_DATATYPES = {
  string: 'BYTES',
  float32: 'FP32',
  float64: 'FP64',
  int64: 'INT64',
  int32: 'INT32',
  bool: 'BOOL',
} as const;

/** The one row as the matrices that the graph takes. */
function graphInputs({ inputs, contract }: Known, tell: (row: Value[]) => unknown): JsonInput[] | Skip {
  const values = new Map(inputs.map(({ name, data }) => [name, data]));
  if (!contract.features.every(({ name }) => values.has(name)))
    return { skip: 'the valid request is not one of the features' };
  return contract.graph.inputs.map(({ name, type, features }) => ({
    name,
    datatype: GRAPH_DATATYPES[type],
    shape: [1, features.length],
    data: tell(features.flatMap((feature) => values.get(feature) ?? [])),
  }));
}

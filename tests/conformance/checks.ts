import * as z from 'zod';
import { type Answer, toJson } from './exchange.ts';
import { differenceOf, type Inference, readInference } from './inference.ts';
import { ErrorAnswer } from './protocol.ts';
import { describeAnswer, type Subject } from './subject.ts';

/** What is wrong with an answer; null if nothing is. */
export type Check = (answer: Answer, subject: Subject) => string | null;

/** Status 200, with JSON of this schema. */
export function answers(schema: z.ZodType): Check {
  return (answer) => {
    if (answer.status !== 200) return `expected 200, got ${describeAnswer(answer)}`;
    const parsed = schema.safeParse(toJson(answer));
    return parsed.success ? null : `${z.prettifyError(parsed.error)} in ${describeAnswer(answer)}`;
  };
}

/** Status 200, with a body that is empty or JSON of this schema: servers differ in whether they say more than that. */
export function answersMaybe(schema: z.ZodType): Check {
  return (answer, subject) =>
    answer.status === 200 && answer.body.byteLength === 0 ? null : answers(schema)(answer, subject);
}

/** One of these statuses, or any 4xx, with the protocol's error object. */
export function refuses(...statuses: number[]): Check {
  return (answer) => {
    const { status } = answer;
    const isExpected = statuses.length > 0 ? statuses.includes(status) : status >= 400 && status < 500;
    if (!isExpected) return `expected ${statuses.join(' or ') || '4xx'}, got ${describeAnswer(answer)}`;
    return ErrorAnswer.safeParse(toJson(answer)).success
      ? null
      : `expected {"error": text}, got ${describeAnswer(answer)}`;
  };
}

/**
 * For a request that a server may take or refuse, without failing. A server that publishes a contract must refuse it.
 */
export const refusesByContract: Check = (answer, subject) => {
  if (subject.contract || answer.status !== 200) return refuses()(answer, subject);
  return null;
};

/** As `refusesByContract`, with this text in the error. */
export function refusesNaming(text: string): Check {
  return (answer, subject) =>
    refusesByContract(answer, subject) ??
    (!subject.contract || describeAnswer(answer).includes(text)
      ? null
      : `the error does not name ${text}: ${describeAnswer(answer)}`);
}

/** Checks an inference against the model's metadata. `then` looks for further faults. */
export function infers(then: (inference: Inference, subject: Subject) => string | null = () => null): Check {
  return (answer, subject) => {
    if (answer.status !== 200) return `expected 200, got ${describeAnswer(answer)}`;
    const inference = readInference(answer);
    if (typeof inference === 'string') return inference;
    return faultOf(inference, subject) ?? then(inference, subject);
  };
}

function faultOf({ modelName, modelVersion, outputs }: Inference, { metadata, version }: Subject): string | null {
  if (modelName !== metadata.name) return `"model_name" is ${modelName}, not ${metadata.name}`;
  if (modelVersion !== version) return `"model_version" is ${modelVersion}, not ${version}`;
  for (const { name, datatype } of outputs) {
    const described = metadata.outputs.find((output) => output.name === name);
    if (!described) return `output "${name}" is not in the metadata`;
    if (described.datatype !== datatype) return `output "${name}" is ${datatype}, not ${described.datatype}`;
  }
  return null;
}

/** The outputs are those of the first valid request. */
export const infersTheSame = infers(isTheSame);

export function isTheSame({ outputs }: Inference, { expected }: Subject): string | null {
  for (const output of expected) {
    const actual = outputs.find(({ name }) => name === output.name);
    const fault = actual ? differenceOf(output, actual) : `output "${output.name}" is missing`;
    if (fault) return fault;
  }
  return null;
}

export function all(...checks: Check[]): Check {
  return (answer, subject) => {
    for (const check of checks) {
      const fault = check(answer, subject);
      if (fault !== null) return fault;
    }
    return null;
  };
}

import type { Check } from '../checks.ts';
import { type Call, encodeJson, type JsonInput, post } from '../exchange.ts';
import { BINARY_EXTENSION, type Datatype } from '../protocol.ts';
import type { Subject } from '../subject.ts';
import type { Tensor } from '../tensors.ts';

/** Why a case does not apply to a server or a model. */
export type Skip = { skip: string };

/** One request, and what must be true of the answer. */
export type Case = { title: string; call: (subject: Subject) => Call | Skip; check: Check };

/** POST of inputs in JSON, with the rest of the request. */
export function infer(subject: Subject, inputs: readonly JsonInput[] = subject.rows[0], rest: object = {}): Call {
  return post(`${subject.path}/infer`, encodeJson({ inputs, ...rest }));
}

/** POST of a body that may not even be JSON. */
export function inferText(subject: Subject, body: string, headers: Record<string, string> = {}): Call {
  return post(`${subject.path}/infer`, new TextEncoder().encode(body), headers);
}

/** The valid inputs, the first of them changed. */
export function changeFirst({ rows: [[first, ...rest]] }: Subject, change: (input: Tensor) => JsonInput): JsonInput[] {
  return first ? [change(first), ...rest] : [];
}

/** The valid inputs with the first one of a datatype changed, or a reason to skip where no input has the datatype. */
export function changeOne(
  { rows: [inputs] }: Subject,
  datatypes: readonly Datatype[],
  change: (input: Tensor) => JsonInput,
): JsonInput[] | Skip {
  const position = inputs.findIndex(({ datatype }) => datatypes.includes(datatype));
  if (position === -1) return { skip: `the model has no input of ${datatypes.join(' or ')}` };
  return inputs.map((input, i) => (i === position ? change(input) : input));
}

export const INTEGERS: Datatype[] = ['INT64', 'INT32', 'INT16', 'INT8', 'UINT64', 'UINT32', 'UINT16', 'UINT8'];
export const FLOATS: Datatype[] = ['FP64', 'FP32'];
export const NUMBERS: Datatype[] = [...INTEGERS, ...FLOATS];

export function isSkip<T extends object>(value: T | Skip): value is Skip {
  return 'skip' in value;
}

/** A case of the binary extension, which a server may not have. */
export function binaryCase(title: string, call: Case['call'], check: Check): Case {
  return {
    title,
    check,
    call: (subject) =>
      subject.extensions.includes(BINARY_EXTENSION)
        ? call(subject)
        : { skip: `the server does not name the extension ${BINARY_EXTENSION}` },
  };
}

import { type Check, refuses, refusesByContract } from '../checks.ts';
import type { JsonInput } from '../exchange.ts';
import type { Datatype } from '../protocol.ts';
import type { Subject } from '../subject.ts';
import type { Tensor } from '../tensors.ts';
import { type Case, changeFirst, changeOne, FLOATS, INTEGERS, infer, inferText, isSkip, NUMBERS } from './case.ts';

/** Requests in JSON that are not valid. */
export const refusalCases: Case[] = [
  text('an empty body', ''),
  text('JSON that was cut off', '{"inputs":[{"name"'),
  text('JSON that is a list', '[]'),
  text('JSON that is null', 'null'),
  text('JSON without inputs', '{"id":"1"}'),
  text('inputs that are an object', '{"inputs":{}}'),
  text('no inputs', '{"inputs":[]}'),
  text('inputs that are nested ten thousand deep', `{"inputs":[{"data":${'['.repeat(10_000)}${']'.repeat(10_000)}}]}`),
  {
    title: 'another media type',
    call: (subject) => ({ ...infer(subject), headers: { 'content-type': 'application/xml' } }),
    check: refuses(),
  },
  {
    title: 'bytes that are not UTF-8',
    call: (subject) => ({ ...infer(subject), body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }),
    check: refuses(),
  },

  inputs('an input is missing', ({ rows: [inputs] }) => inputs.slice(1)),
  inputs('an input that the model does not have', ({ rows: [inputs] }) => [
    ...inputs,
    ...inputs.slice(0, 1).map((input) => ({ ...input, name: 'no-such-input' })),
  ]),
  inputs('an input given twice', ({ rows: [inputs] }) => [...inputs, ...inputs.slice(0, 1)]),
  first('an input without a name', ({ name: _, ...input }) => ({ ...input, name: '' })),
  first('an input without data', ({ data: _, ...input }) => input),
  first('data that is null', (input) => ({ ...input, data: null })),
  first('data that is an object', (input) => ({ ...input, data: {} })),
  first('an element that is null', (input) => ({ ...input, data: input.data.map(() => null) })),
  first('an element that is an object', (input) => ({ ...input, data: input.data.map(() => ({})) })),
  first('data that is nested beyond the shape', (input) => ({ ...input, data: [[[[input.data]]]] })),
  first('data that is nested unevenly', (input) => ({ ...input, data: [...input.data, [...input.data]] })),
  first('more elements than the shape says', (input) => ({ ...input, data: [...input.data, ...input.data] })),
  first('no element where the shape says one', (input) => ({ ...input, data: [] })),

  first('an input without a shape', (input) => ({ ...input, shape: undefined })),
  first('a shape of text', (input) => ({ ...input, shape: '1' })),
  first('a negative dimension', (input) => ({ ...input, shape: input.shape.map(() => -1) })),
  first('a fractional dimension', (input) => ({ ...input, shape: input.shape.map(() => 1.5) })),
  first('a huge dimension', (input) => ({ ...input, shape: [Number.MAX_SAFE_INTEGER, ...input.shape.slice(1)] })),
  first('dimensions whose product overflows', (input) => ({ ...input, shape: [2 ** 32, 2 ** 32] })),
  first('a rank that the model does not have', (input) => ({ ...input, shape: [1, 1, 1, ...input.shape] })),
  inputs('inputs that differ in their rows', (subject) => {
    if (subject.rows[0].length < 2) return { skip: 'the model has one input' };
    return changeFirst(subject, (input) => ({
      ...input,
      shape: [2 * (input.shape[0] ?? 1), ...input.shape.slice(1)],
      data: [...input.data, ...input.data],
    }));
  }),

  first('an input without a datatype', (input) => ({ ...input, datatype: '' })),
  first('a datatype that there is not', (input) => ({ ...input, datatype: 'INT65' })),
  first('a datatype in small letters', (input) => ({ ...input, datatype: input.datatype.toLowerCase() })),
  one('text as BYTES for numbers', NUMBERS, (input) => ({
    ...input,
    datatype: 'BYTES',
    data: input.data.map(() => 'many'),
  })),
  one('numbers as FP32 for text', ['BYTES'], (input) => ({
    ...input,
    datatype: 'FP32',
    data: input.data.map(() => 1),
  })),
  elements('text for a number', NUMBERS, () => '1'),
  elements('a number for text', ['BYTES'], () => 1),
  elements('a fraction for an integer', INTEGERS, () => 1.5),
  one('NaN', NUMBERS, mark, refuses(), 'NaN'),
  one('Infinity', NUMBERS, mark, refuses(), 'Infinity'),
  one('a float that only infinity is near', FLOATS, mark, refuses(), '1e999'),
  one('an integer beyond 64 bits', INTEGERS, mark, refuses(), '18446744073709551616'),
  one(
    'an INT64 beyond 2^53, which not every reader of JSON keeps',
    ['INT64'],
    mark,
    refusesByContract,
    '9007199254740993',
  ),
  one('an integer of 400 digits', INTEGERS, mark, refuses(), `1${'0'.repeat(400)}`),
];

/** Stands for an element that JSON.stringify cannot write. */
const MARK = '\u0000mark';

function mark(input: Tensor): JsonInput {
  return { ...input, data: input.data.map(() => MARK) };
}

function text(title: string, body: string): Case {
  return { title, call: (subject) => inferText(subject, body), check: refuses() };
}

function inputs(title: string, change: (subject: Subject) => JsonInput[] | { skip: string }): Case {
  return {
    title,
    call(subject) {
      const changed = change(subject);
      return isSkip(changed) ? changed : infer(subject, changed);
    },
    check: refuses(),
  };
}

function first(title: string, change: (input: Tensor) => JsonInput): Case {
  return inputs(title, (subject) => changeFirst(subject, change));
}

function elements(title: string, datatypes: readonly Datatype[], element: () => unknown): Case {
  return one(title, datatypes, (input) => ({ ...input, data: input.data.map(element) }));
}

/** `literal` is put for the elements that `mark` marked. */
function one(
  title: string,
  datatypes: readonly Datatype[],
  change: (input: Tensor) => JsonInput,
  check: Check = refuses(),
  literal = '',
): Case {
  return {
    title,
    check,
    call(subject) {
      const changed = changeOne(subject, datatypes, change);
      if (isSkip(changed)) return changed;
      return inferText(subject, JSON.stringify({ inputs: changed }).replaceAll(JSON.stringify(MARK), literal));
    },
  };
}

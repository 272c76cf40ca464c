import { gzipSync } from 'node:zlib';
import { concat } from '../../../common/bytes.ts';
import { all, type Check, infers, infersTheSame, refuses, refusesByContract } from '../checks.ts';
import { asBinary, type BinaryInput, postBinary } from '../exchange.ts';
import type { Datatype } from '../protocol.ts';
import type { Subject } from '../subject.ts';
import { lengthPrefixed, type Tensor, toBinary } from '../tensors.ts';
import { binaryCase, type Case, FLOATS, infer, type Skip } from './case.ts';
import { answersTwoRows, twoRows } from './infer.ts';

type Changes = Parameters<typeof postBinary>[3] & { rest?: object; trailing?: Uint8Array };

/** The binary extension, in requests and in answers. */
export const binaryCases: Case[] = [
  binaryCase('all inputs in binary', (subject) => inBinary(subject), infersTheSame),
  binaryCase(
    'the first input in binary, the others in JSON',
    ({ path, rows: [[first, ...others]] }) => {
      if (!first) return { skip: 'the model has no input' };
      const { input, bytes } = asBinary(first);
      return postBinary(`${path}/infer`, { inputs: [input, ...others] }, [bytes]);
    },
    infersTheSame,
  ),
  binaryCase(
    'the last input in binary, the others in JSON',
    ({ path, rows: [inputs] }) => {
      const last = inputs.at(-1);
      if (!last) return { skip: 'the model has no input' };
      const { input, bytes } = asBinary(last);
      return postBinary(`${path}/infer`, { inputs: [...inputs.slice(0, -1), input] }, [bytes]);
    },
    infersTheSame,
  ),
  binaryCase(
    'two rows in binary',
    (subject) => {
      let parts: BinaryInput[] = [];
      const call = twoRows(subject, (inputs) => {
        parts = inputs.map((input) => asBinary(input));
        return inputs;
      });
      return 'skip' in call ? call : send(subject, parts);
    },
    answersTwoRows(),
  ),
  binaryCase(
    'a header length beside JSON alone',
    (subject) => postBinary(`${subject.path}/infer`, { inputs: subject.rows[0] }, []),
    infersTheSame,
  ),
  binaryCase(
    'a body in binary, in gzip',
    (subject) => {
      const call = inBinary(subject);
      const body = new Uint8Array(gzipSync(call.body ?? new Uint8Array()));
      return { ...call, body, headers: { ...call.headers, 'content-encoding': 'gzip' } };
    },
    infersTheSame,
  ),
  binaryCase(
    'all outputs in binary',
    (subject) => infer(subject, undefined, { parameters: { binary_data_output: true } }),
    all(
      infersTheSame,
      isBinary(() => true),
    ),
  ),
  binaryCase(
    'all inputs and all outputs in binary',
    (subject) => inBinary(subject, { rest: { parameters: { binary_data_output: true } } }),
    all(
      infersTheSame,
      isBinary(() => true),
    ),
  ),
  binaryCase(
    'one output in binary, the others in JSON',
    (subject) =>
      infer(subject, undefined, { outputs: outputsOf(subject, (i) => (i === 0 ? { binary_data: true } : {})) }),
    all(
      infersTheSame,
      isBinary((name, { expected }) => name === expected[0]?.name),
    ),
  ),
  binaryCase(
    'one output in JSON where all others are in binary',
    (subject) =>
      infer(subject, undefined, {
        parameters: { binary_data_output: true },
        outputs: outputsOf(subject, (i) => (i === 0 ? { binary_data: false } : {})),
      }),
    all(
      infersTheSame,
      isBinary((name, { expected }) => name !== expected[0]?.name),
    ),
  ),

  refused('a header length beyond the body', { headerLength: '99999999' }),
  refused('a header length that is negative', { headerLength: '-1' }),
  refused('a header length that is no number', { headerLength: 'many' }),
  refused('a header length of 0', { headerLength: '0' }),
  refused('a header length that cuts the JSON', { headerLength: '20' }),
  refused('a header length of more digits than a number has', { headerLength: '9'.repeat(30) }),
  refused('binary data without a header length', { headerLength: null }),
  refused('bytes that belong to no input', { trailing: new Uint8Array(3) }),
  binaryCase('binary data that was cut off', (subject) => cut(subject, 1), refuses()),
  binaryCase('binary data that is not there', (subject) => cut(subject, Number.POSITIVE_INFINITY), refuses()),

  size('a size beyond the body', (bytes) => bytes + 1_000_000),
  size('a size beyond what numbers hold', () => 1e300),
  size('a negative size', () => -1),
  size('a fractional size', (bytes) => bytes + 0.5),
  size('a size that is text', (bytes) => String(bytes)),
  binaryCase(
    'a size that is smaller than the shape asks for',
    (subject) => bytesOfFirst(subject, (tensor) => toBinary(tensor).slice(0, -1)),
    refuses(),
  ),
  binaryCase(
    'data in JSON and in binary',
    (subject) => {
      const parts = subject.rows[0].map((tensor) => asBinary(tensor));
      return send(
        subject,
        parts.map(({ input, bytes }, i) => ({ input: { ...input, data: subject.rows[0][i]?.data }, bytes })),
      );
    },
    refusesByContract,
  ),

  element('a text whose length goes beyond its tensor', ['BYTES'], () => lengthPrefixed(new Uint8Array(2), 3)),
  element('a text of 4 GiB, by its length', ['BYTES'], () => lengthPrefixed(new Uint8Array(2), 0xffff_ffff)),
  element('a text whose length itself is cut off', ['BYTES'], () => new Uint8Array(2)),
  element('fewer texts than the shape says', ['BYTES'], () => new Uint8Array()),
  element('more texts than the shape says', ['BYTES'], (tensor) => concat([toBinary(tensor), toBinary(tensor)])),
  element('a text that is not UTF-8', ['BYTES'], () => lengthPrefixed(new Uint8Array([0xff, 0xfe])), refusesByContract),
  element('NaN in binary', FLOATS, fill(Number.NaN), refusesByContract),
  element('infinity in binary', FLOATS, fill(Number.POSITIVE_INFINITY), refusesByContract),
  element('negative infinity in binary', FLOATS, fill(Number.NEGATIVE_INFINITY), refusesByContract),
  element('an INT64 beyond 2^53 in binary', ['INT64'], (tensor) => int64(tensor, 2n ** 53n + 1n), refusesByContract),
  element('the least INT64 in binary', ['INT64'], (tensor) => int64(tensor, -(2n ** 63n)), refusesByContract),
];

function inBinary(subject: Subject, changes: Changes = {}) {
  return send(
    subject,
    subject.rows[0].map((tensor) => asBinary(tensor)),
    changes,
  );
}

function send({ path }: Subject, parts: readonly BinaryInput[], { rest, trailing, ...options }: Changes = {}) {
  const bytes = [...parts.map((part) => part.bytes), ...(trailing ? [trailing] : [])];
  return postBinary(`${path}/infer`, { inputs: parts.map(({ input }) => input), ...rest }, bytes, options);
}

function refused(title: string, changes: Changes): Case {
  return binaryCase(title, (subject) => inBinary(subject, changes), refuses());
}

/** The valid request, its last `bytes` bytes left out; all the binary data, where those are more. */
function cut(subject: Subject, bytes: number) {
  const call = inBinary(subject);
  const binary = subject.rows[0].reduce((sum, tensor) => sum + toBinary(tensor).byteLength, 0);
  return { ...call, body: call.body?.slice(0, -Math.min(bytes, binary)) ?? new Uint8Array() };
}

function size(title: string, sizeOf: (bytes: number) => unknown): Case {
  return binaryCase(
    title,
    (subject) => {
      const parts = subject.rows[0].map((tensor) => asBinary(tensor));
      const said = ({ input, bytes }: BinaryInput) => ({
        input: { ...input, parameters: { binary_data_size: sizeOf(bytes.byteLength) } },
        bytes,
      });
      return send(
        subject,
        parts.map((part, i) => (i === parts.length - 1 ? said(part) : part)),
      );
    },
    refuses(),
  );
}

/** The valid request with other bytes for its first tensor, and the size that they have. */
function bytesOfFirst(subject: Subject, bytes: (tensor: Tensor) => Uint8Array) {
  return send(
    subject,
    subject.rows[0].map((tensor, i) => (i === 0 ? asBinary(tensor, bytes(tensor)) : asBinary(tensor))),
  );
}

/** The valid request with other bytes for its first tensor of a datatype. */
function element(
  title: string,
  datatypes: readonly Datatype[],
  bytes: (tensor: Tensor) => Uint8Array,
  check: Check = refuses(),
): Case {
  return binaryCase(
    title,
    (subject) => {
      const position = subject.rows[0].findIndex(({ datatype }) => datatypes.includes(datatype));
      if (position === -1) return { skip: `the model has no input of ${datatypes.join(' or ')}` } satisfies Skip;
      return send(
        subject,
        subject.rows[0].map((tensor, i) => (i === position ? asBinary(tensor, bytes(tensor)) : asBinary(tensor))),
      );
    },
    check,
  );
}

function fill(value: number) {
  return ({ datatype, data }: Tensor) => toBinary({ datatype, data: data.map(() => value) });
}

function int64({ data }: Tensor, value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.from(data, () => value).buffer);
}

function outputsOf({ expected }: Subject, parametersOf: (position: number) => object) {
  return expected.map(({ name }, i) => ({ name, parameters: parametersOf(i) }));
}

/** Each output is in binary, or in JSON, as `expected` says of its name. */
function isBinary(expected: (name: string, subject: Subject) => boolean): Check {
  return infers(({ outputs }, subject) => {
    const wrong = outputs.find(({ name, isBinary }) => isBinary !== expected(name, subject));
    return wrong ? `output "${wrong.name}" is in ${wrong.isBinary ? 'binary' : 'JSON'}` : null;
  });
}

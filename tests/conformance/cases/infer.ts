import { deflateSync, gzipSync } from 'node:zlib';
import { all, type Check, infers, infersTheSame, isTheSame, refuses } from '../checks.ts';
import { encodeJson, post } from '../exchange.ts';
import { differenceOf, type Inference } from '../inference.ts';
import type { Subject } from '../subject.ts';
import { nest, type Tensor } from '../tensors.ts';
import { type Case, infer, type Skip } from './case.ts';
import { ofVersion, UNKNOWN_VERSION } from './server.ts';

const ID = 'é"\\/\n\u{1F600} 42';

/** Requests in JSON that are to be answered, and what must be in the answers. */
export const inferCases: Case[] = [
  { title: 'POST …/infer of the model', call: (subject) => infer(subject), check: infersTheSame },
  {
    title: 'POST …/infer of the version',
    call: ofVersion((path, { rows }) => post(`${path}/infer`, encodeJson({ inputs: rows[0] }))),
    check: infersTheSame,
  },
  {
    title: 'POST …/infer of an unknown model',
    call: ({ rows }) => post('/v2/models/no-such-thing/infer', encodeJson({ inputs: rows[0] })),
    check: refuses(),
  },
  {
    title: 'POST …/infer of an unknown version',
    call: ofVersion((path, { rows }) => post(`${path}/infer`, encodeJson({ inputs: rows[0] })), UNKNOWN_VERSION),
    check: refuses(),
  },
  {
    title: 'data that is nested as the shape says',
    call: (subject) =>
      infer(
        subject,
        subject.rows[0].map((input) => ({ ...input, data: nest(input.data, input.shape) })),
      ),
    check: infersTheSame,
  },
  {
    title: 'inputs in another order',
    call: (subject) => infer(subject, subject.rows[0].toReversed()),
    check: infersTheSame,
  },
  {
    title: 'two rows, in their order',
    call: (subject) => twoRows(subject, (inputs) => inputs),
    check: answersTwoRows(),
  },
  {
    title: 'the id comes back',
    call: (subject) => infer(subject, undefined, { id: ID }),
    check: all(
      infersTheSame,
      infers(({ id }) => (id === ID ? null : `"id" is ${JSON.stringify(id)}, not ${JSON.stringify(ID)}`)),
    ),
  },
  {
    title: 'one output of the model, asked for by its name',
    call: (subject) => infer(subject, undefined, { outputs: lastOf(subject) }),
    check: all(infersOnly(lastOf), infers(isTheSameAsFarAsAsked)),
  },
  {
    title: 'every output of the model, asked for by its name',
    call: (subject) => infer(subject, undefined, { outputs: allOf(subject) }),
    check: all(infersOnly(allOf), infersTheSame),
  },
  {
    title: 'an empty list of outputs asks for none in particular',
    call: (subject) => infer(subject, undefined, { outputs: [] }),
    check: infersTheSame,
  },
  {
    title: 'an output that the model does not have',
    call: (subject) => infer(subject, undefined, { outputs: [{ name: 'no-such-output' }] }),
    check: refuses(),
  },
  {
    title: 'parameters that mean nothing to the server',
    call: (subject) =>
      infer(
        subject,
        subject.rows[0].map((input) => ({ ...input, parameters: { custom_text: 'a' } })),
        { parameters: { custom_number: 1, custom_flag: true } },
      ),
    check: infersTheSame,
  },
  {
    title: 'JSON with the charset in its media type',
    call: (subject) => ({ ...infer(subject), headers: { 'content-type': 'application/json; charset=utf-8' } }),
    check: infersTheSame,
  },
  {
    title: 'JSON without a media type, as clients send it',
    call: (subject) => ({ ...infer(subject), headers: {} }),
    check: infersTheSame,
  },
  {
    title: 'JSON as application/octet-stream, as clients send it',
    call: (subject) => ({ ...infer(subject), headers: { 'content-type': 'application/octet-stream' } }),
    check: infersTheSame,
  },
  {
    title: 'without a key, where there is one',
    call: (subject) =>
      subject.hasKey ? { ...infer(subject), key: 'none' } : { skip: 'no API key was given for the server' },
    check: (answer, subject) => (answer.status === 200 ? null : refuses(401, 403)(answer, subject)),
  },
  {
    title: 'with a wrong key, where there is one',
    call: (subject) =>
      subject.hasKey ? { ...infer(subject), key: 'wrong' } : { skip: 'no API key was given for the server' },
    check: refuses(401, 403),
  },
];

/** Bodies that are compressed. */
export const compressionCases: Case[] = [
  {
    title: 'a body in gzip',
    call: (subject) => compressed(subject, 'gzip', gzipSync),
    check: infersTheSame,
  },
  {
    title: 'a body in deflate, which is the format of zlib',
    call: (subject) => compressed(subject, 'deflate', deflateSync),
    check: infersTheSame,
  },
  {
    title: 'a body that is not the gzip that it says',
    call: (subject) => compressed(subject, 'gzip', (body) => body),
    check: refuses(),
  },
  {
    title: 'a body in gzip that was cut off',
    call: (subject) => compressed(subject, 'gzip', (body) => gzipSync(body).subarray(0, -9)),
    check: refuses(),
  },
  {
    title: 'a body in a compression that nobody knows',
    call: (subject) => compressed(subject, 'x-none', (body) => body),
    check: refuses(),
  },
];

function compressed(subject: Subject, encoding: string, compress: (body: Uint8Array) => Uint8Array) {
  const call = infer(subject);
  const body = new Uint8Array(compress(call.body ?? new Uint8Array()));
  return { ...call, body, headers: { ...call.headers, 'content-encoding': encoding } };
}

function lastOf({ expected }: Subject) {
  return expected.slice(-1).map(({ name }) => ({ name }));
}

function allOf({ metadata }: Subject) {
  return metadata.outputs.map(({ name }) => ({ name }));
}

function infersOnly(asked: (subject: Subject) => { name: string }[]): Check {
  return infers(({ outputs }, subject) => {
    const [wanted, got] = [asked(subject), outputs].map((list) =>
      list
        .map(({ name }) => name)
        .sort()
        .join(', '),
    );
    return wanted === got ? null : `the outputs are ${got}, not ${wanted}`;
  });
}

function isTheSameAsFarAsAsked(inference: Inference, subject: Subject): string | null {
  const names = new Set(inference.outputs.map(({ name }) => name));
  return isTheSame(inference, { ...subject, expected: subject.expected.filter(({ name }) => names.has(name)) });
}

/** Two different rows in one request, if the model takes as many as there are. */
export function twoRows(subject: Subject, change: (inputs: Tensor[]) => Tensor[]) {
  const [first, second] = subject.rows;
  const fixed = subject.metadata.inputs.find(({ shape }) => shape[0] !== -1);
  if (fixed) return { skip: `the input "${fixed.name}" has a fixed number of rows` };
  if (!second) return { skip: 'only one valid row is known' } satisfies Skip;
  // The second row first: an answer that repeats the first valid request would pass for both otherwise.
  const both = first.map((input, i) => ({
    ...input,
    shape: [2, ...input.shape.slice(1)],
    data: [...(second[i]?.data ?? []), ...input.data],
  }));
  return infer(subject, change(both));
}

/** Each output has two elements. The last one is the element of the first valid request. */
export function answersTwoRows(): Check {
  return infers(({ outputs }, { expected }) => {
    for (const { name, shape, data } of expected) {
      const output = outputs.find((it) => it.name === name);
      if (output?.shape[0] !== 2 * (shape[0] ?? 1)) return `output "${name}" has the shape [${output?.shape}]`;
      const fault = differenceOf({ name, data }, { data: output.data.slice(data.length) });
      if (fault) return `in the second row, ${fault}`;
    }
    return null;
  });
}

import { describe, expect, it } from 'vitest';
import { parseInferRequest, splitBody } from './infer-request.ts';
import { Refusal } from './refusal.ts';

const input = { name: 'age', datatype: 'INT64', shape: [1], data: [41] };
const reasonOf = (json: unknown) => {
  const parsed = parseInferRequest(json);
  return parsed instanceof Refusal ? parsed.reason : 'accepted';
};

describe('an inference request', () => {
  it('may hold what other servers know, and null for what is left out', () => {
    const request = {
      id: null,
      model_name: 'm',
      parameters: { priority: 3, timeout: 10, sequence_id: 4 },
      inputs: [{ ...input, parameters: { content_type: 'np' } }],
      outputs: null,
    };
    expect(reasonOf(request)).toBe('accepted');
  });

  it.each([
    ['an array', [], /the body/],
    ['no inputs', { inputs: [] }, /inputs: must hold one tensor or more/],
    ['inputs that are no list', { inputs: {} }, /inputs/],
    ['an id that is no text', { id: 4, inputs: [input] }, /id/],
    ['no shape', { inputs: [{ ...input, shape: undefined }] }, /inputs\[0\]\.shape/],
    ['a negative dimension', { inputs: [{ ...input, shape: [-1] }] }, /inputs\[0\]\.shape\[0\]/],
    ['a dimension with decimals', { inputs: [{ ...input, shape: [1.5] }] }, /inputs\[0\]\.shape\[0\]/],
    ['a datatype that is no text', { inputs: [{ ...input, datatype: 7 }] }, /inputs\[0\]\.datatype/],
    [
      'a negative size',
      { inputs: [{ ...input, parameters: { binary_data_size: -1 } }] },
      /inputs\[0\]\.parameters\.binary_data_size/,
    ],
    [
      'shared memory',
      { inputs: [{ ...input, parameters: { shared_memory_region: 'r' } }] },
      /shared_memory_region: is not supported/,
    ],
    [
      'classes for an output',
      { inputs: [input], outputs: [{ name: 'label', parameters: { classification: 2 } }] },
      /outputs\[0\]\.parameters\.classification: is not supported/,
    ],
    [
      'binary_data that is no boolean',
      { inputs: [input], parameters: { binary_data_output: 'yes' } },
      /binary_data_output/,
    ],
  ])('is refused with %s', (_what, json, reason) => {
    expect(reasonOf(json)).toMatch(reason);
  });
});

describe('a body', () => {
  const body = Uint8Array.from([1, 2, 3, 4]);

  it('is JSON as a whole, or JSON and binary data', () => {
    expect(splitBody(body, undefined)).toEqual({ json: body, binary: new Uint8Array() });
    expect(splitBody(body, '3')).toEqual({ json: Uint8Array.from([1, 2, 3]), binary: Uint8Array.from([4]) });
    expect(splitBody(body, '4')).toEqual({ json: body, binary: new Uint8Array() });
  });

  it.each(['5', '999999999999', '-1', '1.5', 'x', '', '0x2', '1, 2'])(
    'is refused where the length of its JSON is given as "%s"',
    (length) => {
      expect(splitBody(body, length)).toBeInstanceOf(Refusal);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { concat } from '../../common/bytes.ts';
import { differenceOf, readInference } from './inference.ts';
import { Datatype, HEADER_LENGTH } from './protocol.ts';
import { fromBinary, lengthPrefixed, nest, toBinary } from './tensors.ts';

const bytes = (...values: number[]) => new Uint8Array(values);

describe('binary data', () => {
  it.each<[Datatype, (string | number | boolean)[], Uint8Array]>([
    ['BOOL', [true, false], bytes(1, 0)],
    ['UINT16', [1, 258], bytes(1, 0, 2, 1)],
    ['INT32', [-2], bytes(254, 255, 255, 255)],
    ['INT64', [1, -1], bytes(1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255)],
    ['FP32', [1], bytes(0, 0, 128, 63)],
    ['FP64', [-2], bytes(0, 0, 0, 0, 0, 0, 0, 192)],
    ['BYTES', ['é', ''], bytes(2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0)],
  ])('of %s is %j in little-endian order', (datatype, data, expected) => {
    expect(toBinary({ datatype, data })).toEqual(expected);
    expect(fromBinary(datatype, expected)).toEqual(data);
  });

  it.each(Datatype.options)('of %s comes back as it was', (datatype) => {
    const data = datatype === 'BYTES' ? ['a', 'bc'] : datatype === 'BOOL' ? [false, true] : [1, 2, 100];
    expect(fromBinary(datatype, toBinary({ datatype, data }))).toEqual(data);
  });

  it('that is not whole is none', () => {
    expect(fromBinary('FP64', bytes(1, 2, 3))).toBeNull();
    expect(fromBinary('BYTES', bytes(1, 0))).toBeNull();
    expect(fromBinary('BYTES', lengthPrefixed(bytes(1, 2), 3))).toBeNull();
  });
});

it('nests flat data as a shape says', () => {
  expect(nest([1, 2, 3], [3])).toEqual([1, 2, 3]);
  expect(nest([1, 2, 3, 4, 5, 6], [2, 3])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(nest([1, 2], [2, 1, 1])).toEqual([[[1]], [[2]]]);
});

describe('an answer', () => {
  const output = (rest: object) => ({ name: 'y', datatype: 'FP32', shape: [1], ...rest });
  function read(outputs: object[], binary = bytes(), header: string | null = null) {
    const json = new TextEncoder().encode(JSON.stringify({ model_name: 'double', outputs }));
    const headers = new Headers({
      ...(header !== null && { [HEADER_LENGTH]: header.replace('real', `${json.length}`) }),
    });
    const inference = readInference({ status: 200, headers, body: concat([json, binary]) });
    return typeof inference === 'string' ? inference : inference.outputs.map(({ data }) => data);
  }

  it('is read wherever its data is', () => {
    const inBinary = output({ parameters: { binary_data_size: 4 } });
    expect(read([output({ data: [2] })])).toEqual([[2]]);
    expect(read([inBinary, output({ data: [2] }), inBinary], bytes(0, 0, 128, 63, 0, 0, 0, 64), 'real')).toEqual([
      [1],
      [2],
      [2],
    ]);
  });

  it.each<[title: string, outputs: object[], binary: Uint8Array, header: string | null, fault: string]>([
    ['no output', [], bytes(), null, 'outputs'],
    ['an output without data', [output({})], bytes(), null, 'neither'],
    ['data twice', [output({ data: [1], parameters: { binary_data_size: 0 } })], bytes(), 'real', 'both'],
    ['too many elements', [output({ data: [1, 2] })], bytes(), null, '2 elements for the shape [1]'],
    ['too few bytes', [output({ parameters: { binary_data_size: 4 } })], bytes(0, 0), 'real', 'fewer bytes'],
    ['bytes of nobody', [output({ data: [1] })], bytes(0), 'real', '1 bytes belong to no output'],
    ['a header beyond the body', [output({ data: [1] })], bytes(), '99999', '99999 of'],
    ['a header that is no number', [output({ data: [1] })], bytes(), 'many', '"many"'],
  ])('is found wrong with %s', (_title, outputs, binary, header, fault) => {
    expect(read(outputs, bytes(...binary), header)).toContain(fault);
  });
});

it('calls numbers the same that are within 1e-6, and texts that are equal', () => {
  const expected = { name: 'y', data: [0.5, 'a'] };
  expect(differenceOf(expected, { data: [0.5000009, 'a'] })).toBeNull();
  expect(differenceOf(expected, { data: [0.500002, 'a'] })).toBe('output "y" is 0.500002, not 0.5');
  expect(differenceOf(expected, { data: [0.5, 'b'] })).toBe('output "y" is "b", not "a"');
  expect(differenceOf(expected, { data: [0.5] })).toBe('output "y" is undefined, not "a"');
  expect(differenceOf(expected, { data: [0.5, 'a', 1] })).toBe('output "y" is [0.5,"a",1], not [0.5,"a"]');
});

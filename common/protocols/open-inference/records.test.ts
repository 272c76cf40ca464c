import { describe, expect, it } from 'vitest';
import { createValidator } from '../../record/validation.ts';
import { attrition, exampleRecord } from '../../test/contracts.ts';
import { encodeRequest, type TestTensor, toGraphTensors, toTensors } from '../../test/open-inference.ts';
import { parseInferRequest, splitBody } from './infer-request.ts';
import { readRecords } from './records.ts';
import { Refusal } from './refusal.ts';

const decodeText = (bytes: Uint8Array) => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
};

const { features, golden } = attrition;
const records = golden
  .slice(0, 3)
  .map(({ values }) => Object.fromEntries(features.map(({ name }, i) => [name, values[i]])));

function readBody(body: Uint8Array, headerLength: string | undefined) {
  const split = splitBody(body, headerLength);
  if (split instanceof Refusal) return split;
  const request = parseInferRequest(JSON.parse(new TextDecoder().decode(split.json)));
  return request instanceof Refusal ? request : readRecords(request, split.binary, attrition, decodeText);
}

function read(inputs: TestTensor[]) {
  const { body, headerLength } = encodeRequest({ inputs });
  return readBody(body, headerLength?.toString());
}

/** Reads a request of the example's tensors, after `change` has changed the tensor of one name. */
function readChanged(name: string, change: Partial<TestTensor>) {
  return read(toTensors(attrition, [exampleRecord()]).map((it) => (it.name === name ? { ...it, ...change } : it)));
}

function reasonOf(outcome: unknown): string {
  return outcome instanceof Refusal ? outcome.reason : 'accepted';
}

describe('tensors of features', () => {
  it.each([
    ['JSON', { isBinary: false }],
    ['binary', { isBinary: true }],
    ['JSON, as columns', { shape: [3, 1] }],
    ['binary, as columns', { isBinary: true, shape: [3, 1] }],
  ])('are records: %s', (_what, options) => {
    expect(read(toTensors(attrition, records, options))).toEqual(records);
  });

  it('may be nested as their shape says', () => {
    const tensors = toTensors(attrition, records, { shape: [3, 1] });
    const inputs = tensors.map(({ values, ...rest }) => ({ ...rest, data: values.map((value) => [value]) }));
    const request = parseInferRequest({ inputs });
    expect(request instanceof Refusal || readRecords(request, new Uint8Array(), attrition, decodeText)).toEqual(
      records,
    );
  });

  it('may be binary and JSON in one request, and come in any order', () => {
    const tensors = toTensors(attrition, records).map((tensor, i) => ({ ...tensor, isBinary: i % 3 === 1 }));
    expect(read(tensors.reverse())).toEqual(records);
  });

  it.each(['INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'FP16', 'FP32', 'FP64'])(
    'may hold a number as %s',
    (datatype) => {
      for (const isBinary of [true, false])
        expect(readChanged('age', { datatype, isBinary, values: [41] })).toMatchObject([{ age: 41 }]);
    },
  );

  it.each([
    ['INT8', -128],
    ['INT16', -32_768],
    ['INT32', -2_147_483_648],
    ['INT64', -9_007_199_254_740_991],
    ['UINT32', 4_294_967_295],
    ['UINT64', 9_007_199_254_740_991],
    ['FP64', 0.1],
    ['FP16', -65_504],
    ['FP16', 2 ** -24],
    ['FP16', 1.5 * 2 ** -14],
    ['FP16', 0.333251953125],
    ['FP16', 2049 * 2 ** -11 - 2 ** -11],
  ])('keep the sign and the size of %s', (datatype, value) => {
    for (const isBinary of [true, false])
      expect(readChanged('age', { datatype, isBinary, values: [value] })).toMatchObject([{ age: value }]);
  });

  it('may hold BOOL for a category, which the contract maps, and for a number', () => {
    for (const isBinary of [true, false]) {
      const change = { datatype: 'BOOL', values: [true], isBinary };
      expect(readChanged('heure_supplementaires', change)).toMatchObject([{ heure_supplementaires: true }]);
      expect(readChanged('nombre_participation_pee', change)).toMatchObject([{ nombre_participation_pee: 1 }]);
    }
  });

  it('may have the names that a record may have, with the identifier and what is ignored', () => {
    const inputs = toTensors(attrition, [exampleRecord()]).map((it) =>
      it.name === 'heure_supplementaires' ? { ...it, name: 'heures_supplementaires' } : it,
    );
    const more: TestTensor[] = [
      { name: 'eval_number', datatype: 'BYTES', shape: [1], values: ['E_12'], isBinary: true },
      { name: 'ayant_enfants', datatype: 'BYTES', shape: [1], values: ['Y'] },
    ];
    const outcome = read([...inputs, ...more]);
    const [record] = outcome instanceof Refusal ? [] : outcome;
    expect(createValidator(attrition)(record)).toMatchObject({
      ok: true,
      identifier: 12,
      values: attrition.features.map(({ name }) => exampleRecord()[name]),
    });
  });
});

describe('the inputs of the graph', () => {
  it.each([true, false])('are records (binary: %s)', (isBinary) => {
    const rounded = records.map((record) =>
      Object.fromEntries(
        Object.entries(record).map(([name, value]) => [name, typeof value === 'number' ? Math.fround(value) : value]),
      ),
    );
    expect(read(toGraphTensors(attrition, rounded).map((it) => ({ ...it, isBinary })))).toEqual(rounded);
  });

  it('may be nested', () => {
    const inputs = toGraphTensors(attrition, records).map(({ values, shape: [rows = 0, columns = 0], ...rest }) => ({
      ...rest,
      shape: [rows, columns],
      data: Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns)),
    }));
    const request = parseInferRequest({ inputs });
    expect(request instanceof Refusal || readRecords(request, new Uint8Array(), attrition, decodeText)).toEqual(
      records,
    );
  });

  it('must have their columns, and not be there beside the same feature', () => {
    const [categorical, numeric] = toGraphTensors(attrition, records);
    if (!categorical || !numeric) throw new Error('two inputs were expected');
    expect(reasonOf(read([categorical, { ...numeric, shape: [3, 19] }]))).toContain('[n, 20]');
    expect(reasonOf(read([categorical, { ...numeric, shape: [3] }]))).toContain('[n, 20]');
    expect(reasonOf(read([categorical]))).toBe(
      `These inputs are missing: ${features
        .filter(({ type }) => type !== 'category')
        .map(({ name }) => name)
        .join(', ')}.`,
    );
    const genre: TestTensor = { name: 'genre', datatype: 'BYTES', shape: [3], values: ['F', 'F', 'F'] };
    expect(reasonOf(read([categorical, numeric, genre]))).toMatch(/"genre".*another input/);
  });
});

describe('tensors are refused, with the reason', () => {
  it.each<[string, string, Partial<TestTensor>, RegExp]>([
    [
      'a name that is none',
      'age',
      { name: 'agé' },
      /There is no input "agé": the metadata of the model names those of the features\./,
    ],
    [
      'a datatype that is none',
      'age',
      { datatype: 'BF16' },
      /"age" has the datatype "BF16", not one of: .*FP64, BYTES/,
    ],
    [
      'text for a number',
      'age',
      { datatype: 'BYTES', values: ['41'] },
      /"age" is BYTES, but must be an integer or a float/,
    ],
    [
      'a number for a category',
      'genre',
      { datatype: 'INT64', values: [1] },
      /"genre" is INT64, but must be BYTES or BOOL/,
    ],
    ['elements of another type', 'age', { values: ['41'] }, /"age" is "41" in element 0; INT64 must be an integer/],
    ['null', 'age', { values: JSON.parse('[null]') }, /"age" is null in element 0/],
    ['decimals for an integer type', 'age', { values: [41.5] }, /"age" is 41.5 in element 0/],
    ['too much for the type', 'age', { datatype: 'INT8', values: [128] }, /128 in element 0; INT8 .* -128 to 127/],
    ['too much for FP16', 'age', { datatype: 'FP16', values: [65_505] }, /65505 in element 0; FP16 .* -65504 to 65504/],
    ['too much for FP32', 'age', { datatype: 'FP32', values: [1e39] }, /"age" is 1e\+39 in element 0/],
    ['a number for BYTES', 'genre', { values: [1] }, /"genre" is 1 in element 0; BYTES must be text/],
    [
      'a number for BOOL',
      'age',
      { datatype: 'BOOL', values: [1] },
      /"age" is 1 in element 0; BOOL must be true or false/,
    ],
    ['too few elements', 'age', { values: [] }, /"age" has 0 elements of data; its shape says 1/],
    ['too many elements', 'age', { values: [1, 2] }, /"age" has 2 elements of data; its shape says 1/],
    ['no row', 'age', { shape: [0], values: [] }, /"age" has no row/],
    [
      'another number of rows',
      'genre',
      { shape: [2], values: ['F', 'F'] },
      /"genre" has the shape \[2\], but the first input has 1/,
    ],
    ['no dimension', 'genre', { shape: [] }, /"genre" has the shape \[\]/],
    ['two columns', 'age', { shape: [1, 2], values: [1, 2] }, /"age" has the shape \[1, 2\], not \[n\] or \[n, 1\]/],
    ['three dimensions', 'age', { shape: [1, 1, 1] }, /"age" has the shape \[1, 1, 1\]/],
  ])('%s', (_what, name, change, reason) => {
    expect(reasonOf(readChanged(name, change))).toMatch(reason);
  });

  it('data that is nested otherwise than the shape, or no list', () => {
    for (const data of [[[41, 42]], [[[41]]], [[]], [41, [42]], 41, 'x', { 0: 41 }]) {
      const request = parseInferRequest({ inputs: [{ name: 'age', datatype: 'INT64', shape: [1, 1], data }] });
      if (request instanceof Refusal) throw new Error(request.reason);
      expect(reasonOf(readRecords(request, new Uint8Array(), attrition, decodeText)), JSON.stringify(data)).toMatch(
        /^Input "age" (has|must have)/,
      );
    }
  });

  it('data that is missing, or given twice', () => {
    const input = { name: 'age', datatype: 'INT64', shape: [1] };
    for (const [more, reason] of [
      [{}, /"age" has no data/],
      [{ data: null }, /"age" has no data/],
      [{ data: [41], parameters: { binary_data_size: 8 } }, /"age" has both/],
    ] as const) {
      const request = parseInferRequest({ inputs: [{ ...input, ...more }] });
      if (request instanceof Refusal) throw new Error(request.reason);
      expect(reasonOf(readRecords(request, new Uint8Array(8), attrition, decodeText))).toMatch(reason);
    }
  });
});

describe('binary data is refused, with the reason', () => {
  it.each<[string, string, Partial<TestTensor>, RegExp]>([
    ['NaN', 'revenu_mensuel', { values: [Number.NaN] }, /"revenu_mensuel" is NaN in element 0; FP64 must be a finite/],
    ['infinity', 'revenu_mensuel', { values: [Number.POSITIVE_INFINITY] }, /is Infinity in element 0/],
    ['infinity in FP16', 'age', { datatype: 'FP16', values: [Number.POSITIVE_INFINITY] }, /is Infinity in element 0/],
    [
      'NaN in FP16',
      'age',
      { datatype: 'FP16', values: [Number.NaN] },
      /is NaN in element 0; FP16 must be a number from/,
    ],
    ['infinity in FP32', 'age', { datatype: 'FP32', values: [Number.NEGATIVE_INFINITY] }, /is -Infinity in element 0/],
    [
      'INT64 beyond what is exact',
      'age',
      { values: [9_007_199_254_740_992n] },
      /"age" is 9007199254740992 in element 0; INT64 must be an integer from -\(2\^53 - 1\) to 2\^53 - 1/,
    ],
    ['the least INT64', 'age', { values: [-9_223_372_036_854_775_808n] }, /-9223372036854775808 in element 0/],
    ['UINT64 beyond', 'age', { datatype: 'UINT64', values: [2n ** 64n - 1n] }, /18446744073709551615 in element 0/],
    ['a BOOL that is neither', 'age', { datatype: 'BOOL', values: [2] }, /"age" is 2 in element 0/],
    [
      'too few bytes',
      'age',
      { datatype: 'INT64', values: [] },
      /has 0 bytes of binary data; 1 elements of INT64 are 8/,
    ],
  ])('%s', (_what, name, change, reason) => {
    expect(reasonOf(readChanged(name, { isBinary: true, ...change }))).toMatch(reason);
  });

  const inputs = toTensors(attrition, records, { isBinary: true });
  const whole = encodeRequest({ inputs });

  it('a body that ends early, wherever', () => {
    const { body, headerLength } = whole;
    for (const missing of [1, 4, 7, 8, 100, body.byteLength - Number(headerLength)])
      expect(reasonOf(readBody(body.subarray(0, -missing), String(headerLength))), `${missing}`).toMatch(
        /bytes of binary data by its size, but the body has only/,
      );
  });

  it('bytes that no input has', () => {
    const { body, headerLength } = whole;
    expect(reasonOf(readBody(Uint8Array.from([...body, 0]), String(headerLength)))).toBe(
      'The body has 1 bytes of binary data more than its inputs.',
    );
  });

  /** The reason why these bytes are no two texts. */
  function reasonOfTexts(...bytes: number[]): string {
    const request = parseInferRequest({
      inputs: [{ name: 'genre', datatype: 'BYTES', shape: [2], parameters: { binary_data_size: bytes.length } }],
    });
    if (request instanceof Refusal) throw new Error(request.reason);
    return reasonOf(readRecords(request, Uint8Array.from(bytes), attrition, decodeText));
  }

  it('texts whose length is not theirs', () => {
    const F = [1, 0, 0, 0, 70];
    expect(reasonOfTexts(...F, ...F)).toMatch(/These inputs are missing/);
    expect(reasonOfTexts(...F)).toMatch(/"genre" has binary data that ends before element 1 of 2/);
    expect(reasonOfTexts(...F, 1, 0, 0)).toMatch(/ends before element 1 of 2/);
    expect(reasonOfTexts(...F, 2, 0, 0, 0, 70)).toMatch(/has 2 bytes in element 1 by its length, but only 1 are left/);
    expect(reasonOfTexts(...F, 255, 255, 255, 255, 70)).toMatch(/has 4294967295 bytes in element 1/);
    expect(reasonOfTexts(...F, ...F, 0)).toMatch(/has 1 bytes of binary data more than its 2 elements/);
    expect(reasonOfTexts(...F, 1, 0, 0, 0, 255)).toMatch(/is not UTF-8 text in element 1/);
  });
});

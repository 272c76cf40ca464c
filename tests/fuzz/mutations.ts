import fc from 'fast-check';

/** What parsers trip over, as bytes to put anywhere. */
const TOKENS = [
  '\0',
  '\u{FEFF}',
  '"',
  "'",
  '\\',
  '\r\n',
  '\n',
  '\r',
  ',',
  ';',
  '\t',
  '{',
  '}',
  '[',
  ']',
  ':',
  '"__proto__":',
  '"constructor":{"prototype":{"x":1}},',
  '"\\ud800"',
  '"\\u0000"',
  '1e999',
  '-1e-400',
  '-0',
  '9007199254740993',
  `${'9'.repeat(400)}`,
  'NaN',
  'Infinity',
  'null',
  'true',
  '0x1F',
  '=1+1',
  "'; drop table predictions; --",
  '--cut-here',
  '--cut-here--',
  '\r\n--cut-here\r\nContent-Disposition: form-data; name="sirh"; filename="a.csv"\r\n\r\n',
  'Content-Disposition: form-data',
  '\u{1F600}',
  'é',
].map((text) => Buffer.from(text));

/** Bytes that are not UTF-8: a lone surrogate, an overlong form, a cut sequence. */
const BROKEN_UTF8 = [
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xff, 0xfe],
].map((bytes) => Buffer.from(bytes));

type Mutation = (bytes: Buffer) => Buffer;

const at = fc.double({ min: 0, max: 1, noNaN: true });
const placeIn = (bytes: Uint8Array, share: number) => Math.floor(share * bytes.byteLength);

const insert = (share: number, token: Uint8Array): Mutation => {
  return (bytes) =>
    Buffer.concat([bytes.subarray(0, placeIn(bytes, share)), token, bytes.subarray(placeIn(bytes, share))]);
};

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  at.map(
    (share): Mutation =>
      (bytes) =>
        bytes.subarray(0, placeIn(bytes, share)),
  ),
  fc.tuple(at, fc.constantFrom(...TOKENS, ...BROKEN_UTF8)).map(([share, token]) => insert(share, token)),
  fc.tuple(at, fc.uint8Array({ maxLength: 12 })).map(([share, token]) => insert(share, token)),
  // A bit is flipped.
  fc.tuple(at, fc.nat(7)).map(
    ([share, bit]): Mutation =>
      (bytes) => {
        const copy = Buffer.from(bytes);
        const place = Math.min(placeIn(bytes, share), bytes.byteLength - 1);
        const byte = copy[place];
        if (byte !== undefined) copy[place] = byte ^ (1 << bit);
        return copy;
      },
  ),
  // A range is repeated, left out, or moved to the end.
  fc.tuple(at, at, fc.constantFrom('repeat', 'drop', 'move')).map(
    ([one, other, what]): Mutation =>
      (bytes) => {
        const [from, to] = [placeIn(bytes, Math.min(one, other)), placeIn(bytes, Math.max(one, other))];
        const [head, range, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
        if (what === 'drop') return Buffer.concat([head, tail]);
        return Buffer.concat(what === 'repeat' ? [head, range, range, tail] : [head, tail, range]);
      },
  ),
  // A number becomes another one.
  fc.tuple(fc.nat(60), fc.constantFrom('1e308', '-1', '0', '1.5', '99999999999999999999', '1e400', '"7"', '[7]')).map(
    ([nth, number]): Mutation =>
      (bytes) => {
        let seen = 0;
        return Buffer.from(
          bytes.toString('latin1').replace(/\d+/g, (digits) => (seen++ === nth ? number : digits)),
          'latin1',
        );
      },
  ),
);

/** What is valid, changed up to three times; now and then left as it is. */
export function mutated(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(valid, fc.array(mutation, { maxLength: 3 }))
    .map(([bytes, changes]) => changes.reduce<Buffer>((changed, change) => change(changed), Buffer.from(bytes)));
}

/** JSON that is nested as deeply as a body may be, by itself or inside of a text that has a place for it. */
export const nested: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom<[string, string]>(['[', ']'], ['{"a":', '}']), fc.constantFrom(10, 500, 3000, 12_000, 100_000))
  .chain(([[open, close], depth]) =>
    fc.boolean().map((closed) => `${open.repeat(depth)}1${closed ? close.repeat(depth) : ''}`),
  );

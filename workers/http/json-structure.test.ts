import { describe, expect, it } from 'vitest';
import { isOversized, measureJson } from './json-structure.ts';
import { parseJson } from './read-json.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const estimate = (value: unknown) => measureJson(bytesOf(JSON.stringify(value))).heapBytes;
const MIB = 1024 * 1024;

describe('the memory that JSON takes', () => {
  it('is that of its objects, arrays, members and values', () => {
    expect(estimate(1)).toBe(0);
    expect(estimate({})).toBe(64);
    expect(estimate([])).toBe(64);
    expect(estimate({ a: 1, b: [1, 2, 3] })).toBe(64 + 2 * 64 + 64 + 3 * 16);
  });

  it.each(['{[,:', '\\', '"', '"{', '\\"[', 'a\\\\"b,c:', '\\\\', 'é,{€'])(
    'counts nothing within the text %j',
    (text) => {
      expect(estimate(text)).toBe(0);
      expect(estimate([text, 1])).toBe(64 + 16);
      expect(estimate({ [text]: text })).toBe(64 + 64);
    },
  );

  it('is never beyond the end of a text that is cut', () => {
    for (const text of ['"', '"\\', '"a\\"', '[1,"', '{"a'])
      expect(measureJson(bytesOf(text)).heapBytes).toBeLessThan(129);
  });
});

const filled = (unit: string, bytes: number, open = '[', close = ']') =>
  bytesOf(`${open}${Array.from({ length: Math.floor(bytes / (unit.length + 1)) }, () => unit).join(',')}${close}`);
const codeOf = (bytes: Uint8Array) => {
  try {
    parseJson(bytes);
    return 'none';
  } catch (error) {
    return Object(error).code;
  }
};

describe('JSON that would fill the memory', () => {
  it.each([
    ['empty objects', filled('{}', 16 * MIB)],
    ['empty arrays', filled('[]', 16 * MIB, '{"zzz":[', ']}')],
    ['objects of one member', filled('{"a":1}', 16 * MIB)],
    ['arrays within arrays', bytesOf('['.repeat(8 * MIB))],
    ['members of one object', filled('"k":1', 16 * MIB, '{', '}')],
    ['numbers', filled('1', 16 * MIB)],
  ])('is refused before it is parsed: %s', (_title, bytes) => {
    expect(codeOf(bytes)).toBe('body-too-large');
  });

  it.each([
    [
      '20,000 records of 27 fields',
      filled(JSON.stringify(record(27)), 20_000 * (JSON.stringify(record(27)).length + 1)),
    ],
    ['76,000 rows in the orientation "split"', filled(JSON.stringify(Array(27).fill(12)), 76_000 * 83)],
    ['a long text', bytesOf(JSON.stringify('{'.repeat(8 * MIB)))],
    ['whatever has 64 KiB', bytesOf('['.repeat(64 * 1024))],
  ])('is not %s', (_title, bytes) => {
    expect(isOversized(measureJson(bytes))).toBe(false);
  });
});

function record(fields: number): object {
  return Object.fromEntries(Array.from({ length: fields }, (_, i) => [`field_number_${i}`, i]));
}

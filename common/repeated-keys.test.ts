import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRepeatedKey, givenTwice, lacksMembers, repeatedKeys } from './repeated-keys.ts';

/** Fixed, so that a failure can be repeated; change it to look elsewhere. */
const SEED = 20_261_201;

const find = (text: string) => findRepeatedKey(text, JSON.parse(text));
const wordsOf = (text: string) => givenTwice(find(text) ?? ['none']).fields.join();

describe('a key that is given twice', () => {
  it.each([
    ['{"age":45,"x":1,"age":50}', 'age'],
    ['{"age":45,"age":45}', 'age'],
    ['{"age" :1,\n"\\u0061ge"\t: 2}', 'age'],
    ['{"":1,"":2}', ''],
    ['{"a\\"b":1,"a\\u0022b":2}', 'a"b'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"1":1,"a":2,"1":3}', '1'],
    ['{"é":1,"\\u00e9":2}', 'é'],
    ['{"a":"x:y","b":"{\\"a\\":1}","a":2}', 'a'],
    ['[{"a":1},{"a":1,"b":{"c":[0,{"d":1,"d":2}]}}]', '[1].b.c[1].d'],
    ['{"record":{"age":1,"age":2}}', 'record.age'],
    ['{"record":{"age":1},"record":{}}', 'record'],
    ['{"a":{"x":1,"y":2,"z":3},"b":1,"a":0}', 'a'],
    [`{"${'k'.repeat(200)}":1,"${'k'.repeat(200)}":2}`, 'k'.repeat(100)],
  ])('%j names it', (text, field) => {
    expect(wordsOf(text)).toBe(field);
  });

  it.each([
    ...['1', '"a:a"', '[]', '{}', '[1,[2,{}],"{"]', '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}', '{"a":"\\"a\\":1,"}'],
    ...['{"a":1,"A":2}', '{"e\\u0301":1,"\\u00e9":2}', '{"a":":::","b":"\\\\","c":"\\\\\\""}', '{"__proto__":{"a":1}}'],
  ])('is not in %j', (text) => {
    expect(find(text)).toBeNull();
  });

  it('is found in each element of an array, the first of each', () => {
    const text = '[{"a":1,"a":2,"b":1,"b":2},{"a":1},[],{"c":[{"d":1,"d":1}]}]';
    expect([...repeatedKeys(text)]).toEqual([
      { element: 0, path: [0, 'a'] },
      { element: 3, path: [3, 'c', 0, 'd'] },
    ]);
  });

  it('is found in however deep a text, and among however many keys', () => {
    const depth = 5000;
    const deep = `${'[{"a":'.repeat(depth)}{"b":1,"b":2}${'}]'.repeat(depth)}`;
    expect(wordsOf(deep)).toBe('[0].a[0].a[0].a[0].a');
    const keys = Array.from({ length: 30_000 }, (_, i) => `"${i}":1`).join();
    expect(find(`{${keys},"3":1}`)).toEqual(['3']);
    expect(find(`{${keys},"29999":1}`)).toEqual([]);
    expect(givenTwice([])).toMatchObject({ fields: [], message: { en: 'An object gives the same key twice.' } });
    expect(find(`{${keys}}`)).toBeNull();
  });

  /** A value as JSON, with blanks and escapes as a writer may set them. In some, one object gives one of its keys again. */
  function write(value: unknown, spell: (key: string) => string): string {
    if (Array.isArray(value)) return `[${value.map((it) => write(it, spell)).join(' ,')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{${Object.entries(value)
      .map(([key, it]) => `${spell(key)}\n:${write(it, spell)}`)
      .join(',')}}`;
  }
  const escaped = (key: string) =>
    `"${Array.from({ length: key.length }, (_, i) => `\\u${key.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;

  it('is told from any JSON without one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, isEscaped) => {
        const text = write(value, isEscaped ? escaped : (key) => JSON.stringify(key));
        expect(find(text)).toBeNull();
        expect([...repeatedKeys(text)]).toEqual([]);
        const doubled = `[{"k":${text},"l":1,"${isEscaped ? '\\u006b' : 'k'}":${text}}]`;
        expect(find(doubled)).toEqual([0, 'k']);
        expect([...repeatedKeys(doubled)]).toEqual([{ element: 0, path: [0, 'k'] }]);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('is not looked for where the members are as many as in the text', () => {
    expect(lacksMembers([{ a: 1 }, { b: { c: 1 } }, 3, null], 3)).toBe(false);
    expect(lacksMembers([{ a: 1 }, { b: { c: 1 } }, 3, null], 4)).toBe(true);
    expect(lacksMembers('a', 0)).toBe(false);
  });
});

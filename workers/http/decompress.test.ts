import { describe, expect, it } from 'vitest';
import { decompress } from './decompress.ts';

const MIB = 1024 * 1024;

async function compress(bytes: Uint8Array<ArrayBuffer>, format: 'gzip' | 'deflate' = 'gzip') {
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

/** Bytes that do not compress, the same in every run. */
function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state >>> 24;
  });
}

const text = (content: string) => new Uint8Array(new TextEncoder().encode(content));

describe('a gzip file of several members', () => {
  it.each<[title: string, parts: Uint8Array<ArrayBuffer>[]]>([
    ['short ones', [text('{"a":'), text('1}')]],
    ['empty ones', [text(''), text('x'), text('')]],
    ['long ones that compress well', [new Uint8Array(3 * MIB), new Uint8Array(2 * MIB), text('end')]],
    ['ones that do not compress', [noise(100_000), noise(1), noise(50_000, 7)]],
    ['a hundred of them', Array.from({ length: 100 }, (_, i) => noise(1000, i + 1))],
  ])('is read whole: %s', async (_title, parts) => {
    const file = concat(...(await Promise.all(parts.map((part) => compress(part)))));
    expect(await decompress(file, 'gzip', 16 * MIB)).toEqual(concat(...parts));
  });

  it('is read whole where a member holds what looks like the beginning of one', async () => {
    const inner = await compress(text('inner'));
    const content = concat(noise(1000), inner, inner, text('outer'));
    const file = concat(await compress(content), await compress(content));
    expect(await decompress(file, 'gzip', MIB)).toEqual(concat(content, content));
  });

  it('is too large where its members together are', async () => {
    const member = await compress(new Uint8Array(MIB));
    expect(await decompress(concat(member, member), 'gzip', 2 * MIB)).toHaveLength(2 * MIB);
    expect(await decompress(concat(member, member), 'gzip', 2 * MIB - 1)).toBeNull();
  });

  it('is refused where a member is cut, damaged, or followed by something else', async () => {
    const member = await compress(text('{"a":1}'));
    const damaged = member.with(member.length - 6, (member.at(-6) ?? 0) ^ 1);
    for (const file of [
      concat(member, member.subarray(0, -1)),
      concat(member, member.subarray(0, 9)),
      concat(damaged, member),
      concat(member, damaged),
      concat(member, text('x')),
      concat(member, new Uint8Array(20)),
      concat(member, await compress(text('x'), 'deflate')),
    ])
      await expect(decompress(file, 'gzip', MIB)).rejects.toThrow();
    await expect(decompress(concat(member, member), 'deflate', MIB)).rejects.toThrow();
  });

  it('is refused soon where beginnings stand everywhere', async () => {
    const file = concat(...Array.from({ length: 100_000 }, () => Uint8Array.of(0x1f, 0x8b, 8)));
    await expect(decompress(file, 'gzip', MIB)).rejects.toThrow();
    const stored = await compress(concat(...Array.from({ length: 100_000 }, () => Uint8Array.of(0x1f, 0x8b, 8, 0))));
    expect(await decompress(stored, 'gzip', MIB)).toHaveLength(400_000);
  });
});

import { describe, expect, it } from 'vitest';
import { chunksOf, exportVariables, withImage } from './wasm-image.ts';

/**
 * Imports a memory, and has a variable that is 5 and a constant that is 1000. The start function writes 10000 to the memory, from
 * a passive segment of data; "begin" adds 122 to the variable; "state" is the variable, the constant and that word, added.
 */
const MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f],
  ...[2, 8, 1, 1, 0x65, 1, 0x6d, 2, 0, 1],
  ...[3, 4, 3, 0, 0, 1],
  ...[6, 12, 2, 0x7f, 1, 0x41, 5, 0x0b, 0x7f, 0, 0x41, 0xe8, 0x07, 0x0b],
  ...[7, 17, 2, 5, ...Buffer.from('begin'), 0, 1, 5, ...Buffer.from('state'), 0, 2],
  ...[8, 1, 0],
  ...[12, 1, 1],
  ...[10, 41, 3],
  ...[13, 0, 0x41, 0xc0, 0, 0x41, 0, 0x41, 4, 0xfc, 8, 0, 0, 0x0b],
  ...[10, 0, 0x23, 0, 0x41, 0xfa, 0, 0x6a, 0x24, 0, 0x0b],
  ...[14, 0, 0x23, 0, 0x23, 1, 0x6a, 0x41, 0xc0, 0, 0x28, 2, 0, 0x6a, 0x0b],
  ...[11, 7, 1, 1, 4, 0x10, 0x27, 0, 0],
);

async function instantiate(bytes: Uint8Array<ArrayBuffer>) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = await WebAssembly.instantiate(new WebAssembly.Module(bytes), { e: { m: memory } });
  const call = (name: string): unknown => {
    const run = exports[name];
    return typeof run === 'function' ? run() : null;
  };
  return { exports, call, memory: new Uint8Array(memory.buffer) };
}

/** The module's image, once it has begun. */
async function takeImage() {
  const { wasm, names } = exportVariables(MODULE);
  const { exports, call, memory } = await instantiate(wasm);
  call('begin');
  memory[60_000] = 7;
  const read = (variable: unknown) => (variable instanceof WebAssembly.Global ? Number(variable.value) : Number.NaN);
  const variables = Object.fromEntries(names.map((name) => [name, read(exports[name])]));
  return { chunks: chunksOf(memory), variables };
}

describe('a module', () => {
  it('begins where its image was taken, and nothing is done twice', async () => {
    const fresh = await instantiate(MODULE);
    expect(fresh.call('state')).toBe(11_005);
    fresh.call('begin');
    expect(fresh.call('state')).toBe(11_127);

    const image = await takeImage();
    expect(image.variables).toEqual({ variable0: 127 });
    expect(image.chunks).toEqual([
      { at: 64, bytes: Uint8Array.of(0x10, 0x27) },
      { at: 60_000, bytes: Uint8Array.of(7) },
    ]);
    const restored = await instantiate(withImage(MODULE, image, 'begin'));
    expect(restored.call('state')).toBe(11_127);
    restored.call('begin');
    expect(restored.call('state')).toBe(11_127);
    expect(restored.memory[60_000]).toBe(7);

    for (const value of [0, 63, 64, -1, -64, -65, 8191, 8192, 2_147_483_647, -2_147_483_648]) {
      const { call } = await instantiate(withImage(MODULE, { chunks: [], variables: { variable0: value } }, 'begin'));
      expect(call('state')).toBe((value + 1000) | 0);
    }
  });

  it('is not one where what starts it is not known', async () => {
    const image = await takeImage();
    expect(() => withImage(MODULE, image, 'other')).toThrow('exports no function "other"');
    expect(() => withImage(MODULE.slice(0, 8), image, 'begin')).toThrow('no section 8');
  });
});

describe('what of a memory is not zero', () => {
  it('is kept in chunks, across few zeros and up to the end', () => {
    const memory = new Uint8Array(200);
    for (const at of [10, 20, 60, 199]) memory[at] = at;
    const copy = new Uint8Array(200);
    const chunks = chunksOf(memory);
    for (const { at, bytes } of chunks) copy.set(bytes, at);
    expect(copy).toEqual(memory);
    expect(chunks.map(({ at, bytes }) => [at, bytes.length])).toEqual([
      [10, 11],
      [60, 1],
      [199, 1],
    ]);
    expect(chunksOf(new Uint8Array(5))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { keepFunctions, markCalls } from './wasm-binary.ts';

/** Imports a memory; exports "seven", "nine", and "both", which adds what the others give. */
const MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7f],
  ...[2, 8, 1, 1, 0x65, 1, 0x6d, 2, 0, 1],
  ...[3, 4, 3, 0, 0, 0],
  ...[7, 23, 3, 5, ...Buffer.from('seven'), 0, 0, 4, ...Buffer.from('nine'), 0, 1, 4, ...Buffer.from('both'), 0, 2],
  // The last one has a local.
  ...[10, 21, 3, 4, 0, 0x41, 7, 0x0b, 4, 0, 0x41, 9, 0x0b, 9, 1, 1, 0x7f, 0x10, 0, 0x10, 1, 0x6a, 0x0b],
);

async function instantiate(bytes: Uint8Array<ArrayBuffer>) {
  const { exports } = await WebAssembly.instantiate(new WebAssembly.Module(bytes), {
    e: { m: new WebAssembly.Memory({ initial: 1 }) },
  });
  const call = (name: string): unknown => {
    const run = exports[name];
    return typeof run === 'function' ? run() : null;
  };
  return { exports, call };
}

describe('a module', () => {
  it('says which of its functions were called', async () => {
    const { exports, call } = await instantiate(markCalls(MODULE, 'marks'));
    const { marks } = exports;
    const called = () => (marks instanceof WebAssembly.Memory ? Array.from(new Uint8Array(marks.buffer, 0, 3)) : []);
    expect(called()).toEqual([0, 0, 0]);
    expect(call('nine')).toBe(9);
    expect(called()).toEqual([0, 1, 0]);
    expect(call('both')).toBe(16);
    expect(called()).toEqual([1, 1, 1]);
  });

  it('keeps what it is to keep, and traps elsewhere', async () => {
    const { call } = await instantiate(keepFunctions(MODULE, (position) => position !== 1));
    expect(call('seven')).toBe(7);
    expect(() => call('nine')).toThrow(WebAssembly.RuntimeError);
    expect(() => call('both')).toThrow(WebAssembly.RuntimeError);
  });

  it('must be one', () => {
    expect(() => markCalls(new Uint8Array(100), 'marks')).toThrow('not a WebAssembly module');
    expect(() => markCalls(MODULE.slice(0, -3), 'marks')).toThrow('ends too early');
  });
});

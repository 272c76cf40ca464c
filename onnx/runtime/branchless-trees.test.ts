import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { STOCK } from '../../scripts/lib/onnx-runtime.ts';
import { withBranchlessTrees } from './branchless-trees.ts';
import { readBodies, readSections } from './wasm-module.ts';

/** From a node to the next: the value of its feature and its threshold; whether they are compared in the other order. */
const VALUE = [0x20, 0, 0x20, 1, 0x28, 2, 0, 0x41, 2, 0x74, 0x6a, 0x2a, 2, 0];
const THRESHOLD = [0x20, 1, 0x2a, 2, 4];
const [LESS, LESS_OR_EQUAL] = [0x5d, 0x5f];
const TO_TARGET = [0x04, 0x40, 0x20, 1, 0x28, 2, 8, 0x0c, 1, 0x0b];
const TO_NEXT = [0x20, 1, 0x41, 20, 0x6a, 0x0b];

/** Exports "step" and "memory"; step(row, node) gives the next node. */
function moduleOf(compare: readonly number[], toTarget = TO_TARGET): Uint8Array<ArrayBuffer> {
  const body = [0, 0x02, 0x7f, ...compare, ...toTarget, ...TO_NEXT, 0x0b];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
    ...[3, 2, 1, 0],
    ...[5, 3, 1, 0, 1],
    ...[7, 17, 2, 4, ...Buffer.from('step'), 0, 0, 6, ...Buffer.from('memory'), 2, 0],
    ...[10, body.length + 2, 1, body.length, ...body],
  );
}

const [ROW, NODE, TARGET] = [64, 128, 4000];

/** Where a row with such a value goes from a node with such a threshold. */
async function nextNode(wasm: Uint8Array<ArrayBuffer>, value: number, threshold: number): Promise<unknown> {
  const { step, memory } = (await WebAssembly.instantiate(new WebAssembly.Module(wasm), {})).exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof step !== 'function') throw new Error('an export is missing');
  const view = new DataView(memory.buffer);
  const FEATURE = 3;
  view.setFloat32(ROW + 4 * FEATURE, value, true);
  view.setInt32(NODE, FEATURE, true);
  view.setFloat32(NODE + 4, threshold, true);
  view.setInt32(NODE + 8, TARGET, true);
  return step(ROW, NODE);
}

const VALUES = [-1, 0, -0, 2, 2.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe('a step through a tree', () => {
  it.each([
    ['value < threshold', [...VALUE, ...THRESHOLD, LESS], (value: number, threshold: number) => value < threshold],
    [
      'threshold <= value',
      [...THRESHOLD, ...VALUE, LESS_OR_EQUAL],
      (value: number, threshold: number) => threshold <= value,
    ],
  ])('leads to the same node without a branch: %s', async (_title, compare, isTarget) => {
    const branching = moduleOf(compare);
    const branchless = withBranchlessTrees(branching);
    expect(branchless.length).toBeLessThan(branching.length);
    for (const value of VALUES) {
      for (const threshold of VALUES) {
        const expected = isTarget(value, threshold) ? TARGET : NODE + 20;
        expect(await nextNode(branching, value, threshold)).toBe(expected);
        expect(await nextNode(branchless, value, threshold)).toBe(expected);
      }
    }
  });

  it('is left as it is where it does anything else', () => {
    const readsElsewhere = moduleOf([...VALUE, ...THRESHOLD, LESS], TO_TARGET.with(3, 0));
    const comparesOtherwise = moduleOf([...VALUE, ...THRESHOLD, LESS, 0x45]);
    for (const wasm of [readsElsewhere, comparesOtherwise]) expect(withBranchlessTrees(wasm)).toEqual(wasm);
  });
});

it('onnxruntime-web takes such steps, for each comparison and each type of number', async () => {
  const stock = await readFile(STOCK);
  const bodies = (wasm: Uint8Array) => readBodies(readSections(wasm));
  const [before, after] = [bodies(stock), bodies(withBranchlessTrees(stock))];
  expect(after.length).toBe(before.length);
  const saved = before.map((body, i) => body.length - (after[i]?.length ?? 0));
  // Once where rows are of float32; where they are of int32, int64 or float64, in two functions. A step is seven bytes shorter.
  const [PLACES, COMPARISONS, BYTES] = [1 + 3 * 2, 6, 7];
  expect(saved.reduce((sum, bytes) => sum + bytes, 0)).toBe(PLACES * COMPARISONS * BYTES);
});

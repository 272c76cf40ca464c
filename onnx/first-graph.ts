import type { Matrix } from '../common/record/tensors.ts';
import { createSession, type SessionContract } from './session.ts';

/**
 * The smallest ONNX model of the published kind: two words, encoded by a table, and a number go through a tree and a sigmoid.
 * V8 compiles a function of WebAssembly at its first call. This model calls most of the functions that a prediction calls.
 */
const FIRST_GRAPH =
  'CAo6rwYKGQoBawoBdxIBYyIMU3RyaW5nQ29uY2F0OgAKagoBYxIBZSIMTGFiZWxFbmNvZGVyKhYKDGtleXNfc3RyaW5nc0oDMT1hoAEIKhcKDXZhbHVlc1' +
  '9mbG9hdHM9AACAP6ABBioXCg1kZWZhdWx0X2Zsb2F0FQAAwH+gAQE6CmFpLm9ubngubWwKDwoBZRIBdSIFSXNOYU46AAoVCgF1CgFkCgFlEgFmIgVXaGVy' +
  'ZToACiAKAWYKAW4SAXgiBkNvbmNhdCoLCgRheGlzGAGgAQI6AAqmAwoBeBIBcyIVVHJlZUVuc2VtYmxlUmVncmVzc29yKhAKCW5fdGFyZ2V0cxgBoAECKh' +
  'gKDW5vZGVzX3RyZWVpZHNAAEAAQACgAQcqGAoNbm9kZXNfbm9kZWlkc0AAQAFAAqABByobChBub2Rlc19mZWF0dXJlaWRzQAJAAEAAoAEHKiAKDG5vZGVz' +
  'X3ZhbHVlcz0AAAA/PQAAAAA9AAAAAKABBionCgtub2Rlc19tb2Rlc0oJQlJBTkNIX0xUSgRMRUFGSgRMRUFGoAEIKhwKEW5vZGVzX3RydWVub2RlaWRzQA' +
  'FAAEAAoAEHKh0KEm5vZGVzX2ZhbHNlbm9kZWlkc0ACQABAAKABByoqCh9ub2Rlc19taXNzaW5nX3ZhbHVlX3RyYWNrc190cnVlQABAAEAAoAEHKhcKDnRh' +
  'cmdldF90cmVlaWRzQABAAKABByoXCg50YXJnZXRfbm9kZWlkc0ABQAKgAQcqEwoKdGFyZ2V0X2lkc0AAQACgAQcqHQoOdGFyZ2V0X3dlaWdodHM9AAAAAD' +
  '0AAIA/oAEGOgphaS5vbm54Lm1sChEKAXMSAWciB1NpZ21vaWQ6AAoUCgFnCgFhEgFwIgdTcXVlZXplOgASBWdyYXBoKhEIAQgCEAgyAjE9MgIyPUIBayoT' +
  'CAEIAhABSggAAAA/AAAAP0IBZCoRCAEQB0oIAQAAAAAAAABCAWFaGAoBdxITChEICBINCgcSBXJvd3MwCgIIAloYCgFuEhMKEQgBEg0KBxIFcm93czAKAg' +
  'gBYhQKAXASDwoNCAESCQoHEgVyb3dzMEIECgAQFEIOCgphaS5vbm54Lm1sEAM=';

const TEXTS = new Map([
  ['first', ['a']],
  ['second', ['b']],
]);

const FIRST_CONTRACT: SessionContract<unknown> = {
  inputs: [
    { name: 'w', type: 'string', features: ['first', 'second'] },
    { name: 'n', type: 'float32', features: ['number'] },
  ],
  output: 'p',
  textsOf: (feature) => TEXTS.get(feature) ?? [],
  readRaw: ({ data }) => [data],
};

const FIRST_ROW: readonly Matrix[] = [
  { name: 'w', type: 'string', data: ['a', 'b'], dims: [1, 2] },
  { name: 'n', type: 'float32', data: Float32Array.of(1), dims: [1, 1] },
];

/** Starts the runtime of this isolate or process, and has the graph run once. */
export async function runFirstGraph(): Promise<void> {
  const graph = Uint8Array.from(atob(FIRST_GRAPH), (character) => character.charCodeAt(0));
  const session = await createSession(graph, FIRST_CONTRACT);
  await session.run(FIRST_ROW);
  await session.release();
}

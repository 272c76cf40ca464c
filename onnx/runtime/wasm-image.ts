import { concat } from '../../common/bytes.ts';
import {
  codeSection,
  contentOf,
  countImported,
  KIND,
  leb,
  Reader,
  readBodies,
  readSections,
  SECTION,
  type Section,
  signedLeb,
  vector,
  withEntry,
  writeModule,
} from './wasm-module.ts';

/** What a module that has run for a while is, beside its code: it can begin from there. */
export type Image = {
  /** What of its memory is not zero, in ascending order. */
  chunks: { at: number; bytes: Uint8Array<ArrayBuffer> }[];
  /** The values of its variables (mutable globals), by the names that `exportVariables` gives them. */
  variables: Record<string, number>;
};

const I32 = 0x7f;
/** The body of a function that does nothing: no locals, `end`. */
const NOTHING = Uint8Array.of(0, 0x0b);
/** Two chunks with at most this many zeros between them become one: compressed zeros are tiny, and fewer chunks are faster to copy. */
const GAP = 32;

/** A copy of a module that exports its variables, too, and their names. */
export function exportVariables(wasm: Uint8Array): { wasm: Uint8Array<ArrayBuffer>; names: string[] } {
  const sections = readSections(wasm);
  const indexes = readGlobals(sections).flatMap(({ isVariable }, index) => (isVariable ? [index] : []));
  const entries = indexes.map((index) => {
    const name = nameOf(index);
    return [...leb(name.length), ...Buffer.from(name), KIND.global, ...leb(index)];
  });
  return {
    wasm: writeModule(
      sections.map((section) => (section.id === SECTION.export ? entries.reduce(withEntry, section) : section)),
    ),
    names: indexes.map(nameOf),
  };
}

/** What of a memory is not zero. */
export function chunksOf(memory: Uint8Array): Image['chunks'] {
  const chunks: Image['chunks'] = [];
  for (let at = 0; at < memory.length; at++) {
    if (memory[at] === 0) continue;
    let end = at + 1;
    for (let next = end; next < Math.min(end + GAP, memory.length); next++) if (memory[next] !== 0) end = next + 1;
    chunks.push({ at, bytes: Uint8Array.from(memory.subarray(at, end)) });
    at = end;
  }
  return chunks;
}

/**
 * A copy of a module that begins where the image was taken: with its memory and its variables, and without what a start does.
 * `constructors` is the export that is called at a start; in the copy it does nothing. Throws where the module is not one that
 * a C++ compiler makes for threads, whose memory is imported and filled by the start function.
 */
export function withImage(wasm: Uint8Array, image: Image, constructors: string): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const start = new Reader(contentOf(sections, SECTION.start)).number();
  const imported = countImported(sections, KIND.function);
  const done = new Set([start, functionOf(sections, constructors)].map((index) => index - imported));
  const bodies = readBodies(sections).map((body, i) => (done.has(i) ? NOTHING : body));
  const segments = new Reader(contentOf(sections, SECTION.data)).number();
  const data = [
    // Functions that start a thread name them: they stay, and are empty.
    ...Array.from({ length: segments }, () => [1, 0]),
    ...image.chunks.map(({ at, bytes }) => concat([[0, 0x41], signedLeb(at), [0x0b], leb(bytes.length), bytes])),
  ];
  const replaced = new Map<number, Uint8Array>([
    [SECTION.global, withValues(sections, image.variables)],
    [SECTION.dataCount, Uint8Array.from(leb(data.length))],
    [SECTION.code, codeSection(bodies).content],
    [SECTION.data, vector(data)],
  ]);
  for (const id of replaced.keys()) contentOf(sections, id);
  return writeModule(
    sections
      .filter(({ id }) => id !== SECTION.start)
      .map(({ id, content }) => ({ id, content: replaced.get(id) ?? content })),
  );
}

function nameOf(index: number): string {
  return `variable${index}`;
}

/** `start` is the expression that gives the value at the start. */
type Global = { type: number; mutability: number; start: Uint8Array; isVariable: boolean };

function readGlobals(sections: readonly Section[]): Global[] {
  if (countImported(sections, KIND.global) > 0) throw new Error('the WebAssembly module imports variables');
  const reader = new Reader(contentOf(sections, SECTION.global));
  return Array.from({ length: reader.number() }, () => {
    const [type, mutability] = [reader.byte(), reader.byte()];
    if (type !== I32) throw new Error(`the WebAssembly module has a global of type ${type}`);
    const start = reader.take(i32ConstLength(reader));
    return { type, mutability, start, isVariable: mutability === 1 };
  });
}

/** How long the `i32.const … end` is that comes next. */
function i32ConstLength(reader: Reader): number {
  const { at } = reader;
  if (reader.byte() !== 0x41) throw new Error('the WebAssembly module has a global that is computed');
  while (reader.byte() >= 0x80);
  if (reader.byte() !== 0x0b) throw new Error('the WebAssembly module has a global that is computed');
  const length = reader.at - at;
  reader.at = at;
  return length;
}

function withValues(sections: readonly Section[], variables: Image['variables']): Uint8Array {
  return vector(
    readGlobals(sections).map(({ type, mutability, start }, index) => {
      const value = variables[nameOf(index)];
      return concat([[type, mutability], value === undefined ? start : [0x41, ...signedLeb(value), 0x0b]]);
    }),
  );
}

/** The index of a function that is exported. */
function functionOf(sections: readonly Section[], wanted: string): number {
  const reader = new Reader(contentOf(sections, SECTION.export));
  for (let left = reader.number(); left > 0; left--) {
    const name = Buffer.from(reader.take(reader.number())).toString();
    const kind = reader.byte();
    const index = reader.number();
    if (name === wanted && kind === KIND.function) return index;
  }
  throw new Error(`the WebAssembly module exports no function "${wanted}"`);
}

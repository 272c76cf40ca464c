import { concat } from '../../common/bytes.ts';
import {
  codeSection,
  countImported,
  KIND,
  leb,
  mapBodies,
  Reader,
  readBodies,
  readSections,
  SECTION,
  signedLeb,
  vector,
  withEntry,
  writeModule,
} from './wasm-module.ts';

const PAGE_BYTES = 65_536;
/** The body of a function that ends the program: no locals, `unreachable`, `end`. */
const TRAP = Uint8Array.of(0, 0x00, 0x0b);

/**
 * A copy of a module that marks its called functions. Each function writes a 1 at its position in a memory, which the copy
 * exports as `exportName`. Throws unless the module looks like one of a C++ compiler with an imported memory.
 */
export function markCalls(wasm: Uint8Array, exportName: string): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const memory = countImported(sections, KIND.memory);
  const bodies = readBodies(sections);
  if (sections.some(({ id }) => id === SECTION.memory))
    throw new Error('the WebAssembly module defines a memory of its own');
  const memories = { id: SECTION.memory, content: vector([[0, ...leb(Math.ceil(bodies.length / PAGE_BYTES))]]) };
  const after = sections.findLastIndex(({ id }) => id > 0 && id <= SECTION.table);
  return writeModule(
    sections.toSpliced(after + 1, 0, memories).map((section) => {
      if (section.id === SECTION.export) {
        return withEntry(section, [...leb(exportName.length), ...Buffer.from(exportName), KIND.memory, ...leb(memory)]);
      }
      return section.id === SECTION.code ? codeSection(bodies.map((body, i) => withMark(body, i, memory))) : section;
    }),
  );
}

/** A copy of a module in which every function traps, except those whose position `isKept` accepts. */
export function keepFunctions(wasm: Uint8Array, isKept: (position: number) => boolean): Uint8Array<ArrayBuffer> {
  return mapBodies(wasm, (body, position) => (isKept(position) ? body : TRAP));
}

/** Where the body of a function begins, `i32.store8 (i32.const position) (i32.const 1)` into the memory. */
function withMark(body: Uint8Array, position: number, memory: number): Uint8Array {
  const reader = new Reader(body);
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.number();
    reader.byte();
  }
  // 0x40 in the alignment says that the memory's index follows.
  const mark = [0x41, ...signedLeb(position), 0x41, 1, 0x3a, 0x40, ...leb(memory), 0];
  return concat([body.subarray(0, reader.at), Uint8Array.from(mark), body.subarray(reader.at)]);
}

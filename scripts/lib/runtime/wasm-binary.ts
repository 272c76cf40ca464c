import { concat } from '../../../common/concat.ts';

/** The sections that are read here, by the ids that the WebAssembly specification gives them. */
const IMPORT = 2;
const TABLE = 4;
const MEMORY = 5;
const EXPORT = 7;
const CODE = 10;

/** What is imported or exported, by the ids of the specification. */
const FUNCTION_KIND = 0;
const TABLE_KIND = 1;
const MEMORY_KIND = 2;
const GLOBAL_KIND = 3;

/** Magic number and version. */
const HEADER_BYTES = 8;
const PAGE_BYTES = 65_536;
/** The body of a function that ends the program: no locals, `unreachable`, `end`. */
const TRAP = Uint8Array.of(0, 0x00, 0x0b);

type Section = { id: number; content: Uint8Array };

/**
 * A copy of a module in which every function that it defines writes a 1 when it is called, at its position in a memory that
 * is exported under `exportName`. Throws where the module is not one that a C++ compiler with an imported memory makes.
 */
export function markCalls(wasm: Uint8Array, exportName: string): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const memory = countImportedMemories(sections);
  const bodies = readBodies(sections);
  if (sections.some(({ id }) => id === MEMORY)) throw new Error('the WebAssembly module defines a memory of its own');
  const memories = { id: MEMORY, content: vector([[0, ...leb(Math.ceil(bodies.length / PAGE_BYTES))]]) };
  const after = sections.findLastIndex(({ id }) => id > 0 && id <= TABLE);
  return writeModule(
    sections.toSpliced(after + 1, 0, memories).map((section) => {
      if (section.id === EXPORT) {
        return withEntry(section, [...leb(exportName.length), ...Buffer.from(exportName), MEMORY_KIND, ...leb(memory)]);
      }
      return section.id === CODE ? code(bodies.map((body, i) => withMark(body, i, memory))) : section;
    }),
  );
}

/** A copy of a module in which all functions trap that `isKept`, by their position, does not name. */
export function keepFunctions(wasm: Uint8Array, isKept: (position: number) => boolean): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const bodies = readBodies(sections).map((body, i) => (isKept(i) ? body : TRAP));
  return writeModule(sections.map((section) => (section.id === CODE ? code(bodies) : section)));
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

function readSections(wasm: Uint8Array): Section[] {
  const reader = new Reader(wasm);
  const header = Buffer.from(reader.take(HEADER_BYTES)).toString('latin1');
  if (header !== '\0asm\x01\0\0\0') throw new Error('this is no WebAssembly module');
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    sections.push({ id, content: reader.take(reader.number()) });
  }
  return sections;
}

function readBodies(sections: readonly Section[]): Uint8Array[] {
  const reader = new Reader(contentOf(sections, CODE));
  return Array.from({ length: reader.number() }, () => reader.take(reader.number()));
}

function countImportedMemories(sections: readonly Section[]): number {
  const reader = new Reader(contentOf(sections, IMPORT));
  let memories = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.take(reader.number());
    reader.take(reader.number());
    const kind = reader.byte();
    if (kind === MEMORY_KIND) memories++;
    skipImportType(reader, kind);
  }
  return memories;
}

function skipImportType(reader: Reader, kind: number): void {
  switch (kind) {
    case FUNCTION_KIND:
      reader.number();
      return;
    case TABLE_KIND:
      reader.byte();
      skipLimits(reader);
      return;
    case MEMORY_KIND:
      skipLimits(reader);
      return;
    case GLOBAL_KIND:
      reader.take(2);
      return;
    default:
      throw new Error(`the WebAssembly module imports something of kind ${kind}`);
  }
}

function skipLimits(reader: Reader): void {
  const hasMaximum = (reader.byte() & 1) === 1;
  reader.number();
  if (hasMaximum) reader.number();
}

function contentOf(sections: readonly Section[], id: number): Uint8Array {
  const section = sections.find((it) => it.id === id);
  if (!section) throw new Error(`the WebAssembly module has no section ${id}`);
  return section.content;
}

function code(bodies: readonly Uint8Array[]): Section {
  return { id: CODE, content: vector(bodies.map((body) => concat([leb(body.length), body]))) };
}

/** A section that holds a vector, with one more entry. */
function withEntry({ id, content }: Section, entry: readonly number[]): Section {
  const reader = new Reader(content);
  const count = reader.number();
  return { id, content: concat([leb(count + 1), content.subarray(reader.at), Uint8Array.from(entry)]) };
}

function vector(entries: readonly ArrayLike<number>[]): Uint8Array {
  return concat([leb(entries.length), ...entries]);
}

function writeModule(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  return concat([header, ...sections.flatMap(({ id, content }) => [[id], leb(content.length), content])]);
}

/** A non-negative integer below 2³². */
function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  return [...bytes, rest];
}

/** A non-negative integer below 2³¹ where a signed one is read: the last byte must not look like that of a negative one. */
function signedLeb(value: number): number[] {
  const bytes = leb(value);
  const last = bytes.at(-1) ?? 0;
  return last < 0x40 ? bytes : [...bytes.slice(0, -1), last + 0x80, 0];
}

/** A cursor over the bytes of a module, or of a part of it. */
class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error('the WebAssembly module ends too early');
    return byte;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.#bytes.length) throw new Error('the WebAssembly module ends too early');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}

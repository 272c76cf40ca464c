import { concat } from '../../common/bytes.ts';

/** Sections, by the ids that the WebAssembly specification gives them. */
export const SECTION = {
  import: 2,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** What is imported or exported, by the ids of the specification. */
export const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** Magic number and version. */
const HEADER_BYTES = 8;

export type Section = { id: number; content: Uint8Array };

export function readSections(wasm: Uint8Array): Section[] {
  const reader = new Reader(wasm);
  const header = Buffer.from(reader.take(HEADER_BYTES)).toString('latin1');
  if (header !== '\0asm\x01\0\0\0') throw new Error('this is not a WebAssembly module');
  const sections: Section[] = [];
  while (!reader.done) {
    const id = reader.byte();
    sections.push({ id, content: reader.take(reader.number()) });
  }
  return sections;
}

/** The bodies of the functions that the module defines. */
export function readBodies(sections: readonly Section[]): Uint8Array[] {
  const reader = new Reader(contentOf(sections, SECTION.code));
  return Array.from({ length: reader.number() }, () => reader.take(reader.number()));
}

/** A copy of a module, with what `change` makes of the body of each function that it defines, by the function's position. */
export function mapBodies(
  wasm: Uint8Array,
  change: (body: Uint8Array, position: number) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const bodies = readBodies(sections).map(change);
  return writeModule(sections.map((section) => (section.id === SECTION.code ? codeSection(bodies) : section)));
}

/** How many of a kind are imported: they come first where things of that kind are counted. */
export function countImported(sections: readonly Section[], wanted: number): number {
  const reader = new Reader(contentOf(sections, SECTION.import));
  let count = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.take(reader.number());
    reader.take(reader.number());
    const kind = reader.byte();
    if (kind === wanted) count++;
    skipImportType(reader, kind);
  }
  return count;
}

function skipImportType(reader: Reader, kind: number): void {
  switch (kind) {
    case KIND.function:
      reader.number();
      return;
    case KIND.table:
      reader.byte();
      skipLimits(reader);
      return;
    case KIND.memory:
      skipLimits(reader);
      return;
    case KIND.global:
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

export function contentOf(sections: readonly Section[], id: number): Uint8Array {
  const section = sections.find((it) => it.id === id);
  if (!section) throw new Error(`the WebAssembly module has no section ${id}`);
  return section.content;
}

export function codeSection(bodies: readonly Uint8Array[]): Section {
  return { id: SECTION.code, content: vector(bodies.map((body) => concat([leb(body.length), body]))) };
}

/** A section that holds a vector, with one more entry. */
export function withEntry({ id, content }: Section, entry: readonly number[]): Section {
  const reader = new Reader(content);
  const count = reader.number();
  return { id, content: concat([leb(count + 1), content.subarray(reader.at), Uint8Array.from(entry)]) };
}

export function vector(entries: readonly ArrayLike<number>[]): Uint8Array {
  return concat([leb(entries.length), ...entries]);
}

export function writeModule(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  return concat([header, ...sections.flatMap(({ id, content }) => [[id], leb(content.length), content])]);
}

/** A non-negative integer below 2³². */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  return [...bytes, rest];
}

/** A signed integer of 32 bits. */
export function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; ) {
    const byte = rest & 0x7f;
    rest >>= 7;
    // The sign is that of the last byte's highest bit.
    if (rest === (byte & 0x40 ? -1 : 0)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

/** A cursor over the bytes of a module, or of a part of it. */
export class Reader {
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

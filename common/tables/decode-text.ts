import type { Violation } from '../record/violation.ts';
import type { TableNotes } from './table-notes.ts';

/** The part of a TextDecoder that is used here. It throws for bytes that are not in its encoding. */
type Decoder = { decode(bytes?: Uint8Array, options?: { stream: boolean }): string };

/** Makes a fatal decoder, which drops a byte order mark. Throws for an encoding that there is not. */
type MakeDecoder = (encoding: string) => Decoder;

/** Decodes a text that comes in chunks, cut anywhere; a violation where it cannot be read. Nothing is read after one. */
export type TextDecoding = { push(bytes: Uint8Array): string | Violation; end(): string | Violation };

type Options = {
  makeDecoder: MakeDecoder;
  /** The charset that the sender states, in any case; null for none. */
  declared: string | null;
  notes: TableNotes;
};

/** How many bytes tell a byte order mark. */
const MARK_BYTES = 3;

/**
 * Decodes a file as its byte order mark says, else as it is declared, else by evidence: UTF-16 of Latin letters has a zero in its
 * first two bytes; UTF-8 is hardly ever anything else by chance; what is not UTF-8 may be Windows-1252, in which a French Excel saves
 * its "CSV". What may be several encodings is refused. An encoding other than UTF-8 is noted.
 */
export function createTextDecoding({ makeDecoder, declared, notes }: Options): TextDecoding {
  let head = new Uint8Array();
  let decoding: TextDecoding | null = null;

  function begin(bytes: Uint8Array): TextDecoding {
    const encoding = encodingByMark(bytes) ?? encodingDeclared(declared, bytes) ?? encodingByZeros(bytes);
    if (encoding === null) return createOpenDecoding(makeDecoder, () => noteEncoding('windows-1252', notes));
    const decoder = tryMake(makeDecoder, encoding);
    if (!decoder) return refuseAll(unknownCharset(encoding));
    if (encoding !== UTF8) noteEncoding(encoding, notes);
    return createKnownDecoding(decoder, notInEncoding(encoding));
  }

  return {
    push(bytes) {
      if (decoding) return decoding.push(bytes);
      head = concat(head, bytes);
      if (head.length < MARK_BYTES) return '';
      decoding = begin(head);
      return decoding.push(head);
    },
    end() {
      if (decoding) return decoding.end();
      decoding = begin(head);
      return joined(decoding.push(head), decoding.end);
    },
  };
}

const UTF8 = 'utf-8';

function encodingByMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return UTF8;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}

function encodingDeclared(declared: string | null, bytes: Uint8Array): string | null {
  const charset = declared?.trim().toLowerCase() ?? '';
  if (charset === '') return null;
  if (charset === 'utf8' || charset === UTF8) return UTF8;
  // "utf-16" says nothing of the order of the bytes.
  return charset === 'utf-16' ? (encodingByZeros(bytes) ?? 'utf-16le') : charset;
}

/** No table begins with a NUL: it is half of a character. */
function encodingByZeros([first, second]: Uint8Array): string | null {
  if (first === 0) return 'utf-16be';
  return second === 0 ? 'utf-16le' : null;
}

function tryMake(makeDecoder: MakeDecoder, encoding: string): Decoder | null {
  try {
    return makeDecoder(encoding);
  } catch {
    return null;
  }
}

function refuseAll(violation: Violation): TextDecoding {
  return { push: () => violation, end: () => violation };
}

function createKnownDecoding(decoder: Decoder, refusal: Violation): TextDecoding {
  const attempt = (run: () => string) => {
    try {
      return run();
    } catch {
      return refusal;
    }
  };
  return {
    push: (bytes) => attempt(() => decoder.decode(bytes, { stream: true })),
    end: () => attempt(() => decoder.decode()),
  };
}

/**
 * Decodes text that is UTF-8 or Windows-1252. ASCII is the same in both, so that the first chunk with another byte decides, and
 * everything before it was read rightly.
 */
function createOpenDecoding(makeDecoder: MakeDecoder, onWindows: () => void): TextDecoding {
  let known: TextDecoding | null = null;
  /** The beginning of a character of UTF-8 whose end has not come. */
  let rest: Uint8Array = new Uint8Array();
  /** The last bytes that were decoded: those that follow mean something beside them. */
  let context: Uint8Array = new Uint8Array();

  /** Decodes bytes, and decides how the others are decoded if these are not all ASCII. `isLast`: no more come. */
  function decide(bytes: Uint8Array, isLast: boolean): { text: string | Violation; decided: TextDecoding | null } {
    if (isAscii(bytes)) {
      if (bytes.length > 0) context = bytes.slice(-CONTEXT_BYTES);
      return { text: makeDecoder(UTF8).decode(bytes), decided: null };
    }
    const utf8 = createKnownDecoding(makeDecoder(UTF8), NEITHER);
    const text = isLast ? joined(utf8.push(bytes), utf8.end) : utf8.push(bytes);
    if (typeof text === 'string') return { text, decided: utf8 };
    onWindows();
    const windows = createWindowsDecoding(makeDecoder('windows-1252'), context);
    return { text: windows.push(bytes), decided: windows };
  }

  return {
    push(bytes) {
      if (known) return known.push(bytes);
      const all = rest.length > 0 ? concat(rest, bytes) : bytes;
      const whole = all.length - incompleteTail(all);
      rest = all.slice(whole);
      const { text, decided } = decide(all.subarray(0, whole), false);
      known = decided;
      return decided ? joined(text, () => decided.push(rest)) : text;
    },
    end: () => (known ? known.end() : decide(rest, true).text),
  };
}

const CONTEXT_BYTES = 2;

/** A text and the one after it, unless either cannot be read. */
function joined(text: string | Violation, next: () => string | Violation): string | Violation {
  if (typeof text !== 'string') return text;
  const more = next();
  return typeof more === 'string' ? text + more : more;
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte > 0x7f) return false;
  return true;
}

/** How many bytes at the end begin a character of UTF-8 without ending it. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

function createWindowsDecoding(decoder: Decoder, before: Uint8Array): TextDecoding {
  const isClear = createWindowsCheck();
  isClear(before);
  return {
    push: (bytes) => (isClear(bytes) ? decoder.decode(bytes, { stream: true }) : NEITHER),
    end: () => decoder.decode(),
  };
}

/** Typographic signs and letters of Windows-1252 among the bytes of control characters: € … Œ ‘ ’ “ ” • – — œ. */
const TYPOGRAPHY = new Set([0x80, 0x85, 0x8c, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x9c]);

/** Signs of Windows-1252 that are letters, or the euro, in ISO-8859-15: ¤ ¦ ¨ ´ ¸ ¼ ½ ¾. */
const OTHER_IN_LATIN_9 = new Set([0xa4, 0xa6, 0xa8, 0xb4, 0xb8, 0xbc, 0xbd, 0xbe]);

/** Signs that never stand inside a word, where Mac Roman and the code pages of DOS have letters: ¡ ¢ £ ¥ § © ¬ ® ¯ ± µ ¶ ¿. */
const NEVER_IN_A_WORD = new Set([0xa1, 0xa2, 0xa3, 0xa5, 0xa7, 0xa9, 0xac, 0xae, 0xaf, 0xb1, 0xb5, 0xb6, 0xbf]);

/** So many accented letters in a row are the letters of another alphabet. */
const MAX_ACCENTED = 2;

/**
 * Returns a function that tells whether bytes can only be Windows-1252. In Mac Roman, in the code pages of DOS and in those of other
 * alphabets, the accented letters of a text are other bytes: most of them are signs in Windows-1252 that no table has.
 */
function createWindowsCheck(): (bytes: Uint8Array) => boolean {
  let before = 0;
  let last = 0;
  let accented = 0;
  return (bytes) => {
    for (const byte of bytes) {
      const splitsWord = NEVER_IN_A_WORD.has(last) && isLetter(before) && isLetter(byte);
      accented = byte >= 0xc0 ? accented + 1 : 0;
      if (splitsWord || accented > MAX_ACCENTED || hasOtherMeanings(byte) || isUtf8(last, byte)) return false;
      before = last;
      last = byte;
    }
    return true;
  };
}

/** Whether two bytes are an accented letter, or half a quotation mark, of UTF-8: the text is a mixture, then. */
function isUtf8(lead: number, byte: number): boolean {
  return ((lead === 0xc2 || lead === 0xc3) && byte >= 0x80 && byte < 0xc0) || (lead === 0xe2 && byte === 0x80);
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;

/** Control characters are those of a file that is no text. */
function hasOtherMeanings(byte: number): boolean {
  if (byte < 0x20) return byte !== TAB && byte !== LF && byte !== CR;
  return OTHER_IN_LATIN_9.has(byte) || (byte >= 0x80 && byte < 0xa0 && !TYPOGRAPHY.has(byte));
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** How people call an encoding. */
function nameOf(encoding: string): string {
  return encoding === 'windows-1252' ? 'Windows-1252' : encoding.toUpperCase();
}

function noteEncoding(encoding: string, notes: TableNotes): void {
  const name = nameOf(encoding);
  notes.add('encoding', [], {
    fr: `Le texte est lu comme du ${name}, et non comme de l’UTF-8.`,
    en: `The text is read as ${name}, and not as UTF-8.`,
  });
}

const NEITHER: Violation = {
  fields: [],
  rule: 'encoding',
  message: {
    fr: 'Le texte n’est pas en UTF-8, et peut être dans plusieurs encodages : enregistrez-le en UTF-8 (« CSV UTF-8 » dans Excel).',
    en: 'The text is not UTF-8, and may be in several encodings: save it as UTF-8 ("CSV UTF-8" in Excel).',
  },
};

function notInEncoding(encoding: string): Violation {
  const name = nameOf(encoding);
  return {
    fields: [],
    rule: 'encoding',
    message: {
      fr: `Le texte n’est pas en ${name}, bien qu’il le semble ou soit déclaré ainsi : enregistrez-le en UTF-8 (« CSV UTF-8 » dans Excel).`,
      en: `The text is not ${name}, though it looks so or is declared so: save it as UTF-8 ("CSV UTF-8" in Excel).`,
    },
  };
}

function unknownCharset(charset: string): Violation {
  return {
    fields: [],
    rule: 'encoding',
    message: {
      fr: `L’encodage « ${charset} » n’est pas connu : enregistrez le texte en UTF-8.`,
      en: `The charset "${charset}" is not known: save the text as UTF-8.`,
    },
  };
}

import { describe, expect, it } from 'vitest';
import { createTextDecoding } from './decode-text.ts';
import { createTableNotes } from './table-notes.ts';

const makeDecoder = (encoding: string) => new TextDecoder(encoding, { fatal: true });

/** The text of bytes that come in chunks, and the encoding that is noted; or the rule by which it is refused. */
function decode(chunks: readonly Uint8Array[], declared: string | null = null): string {
  const notes = createTableNotes();
  const decoding = createTextDecoding({ makeDecoder, declared, notes });
  let text = '';
  for (const part of [...chunks.map((chunk) => decoding.push(chunk)), decoding.end()]) {
    if (typeof part !== 'string') return `!${part.rule}`;
    text += part;
  }
  const note = notes.list()[0]?.message.en.match(/read as (\S+),/)?.[1];
  return note === undefined ? text : `${note}: ${text}`;
}

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);

function utf16(text: string, isLittle: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), isLittle);
  return new Uint8Array(view.buffer);
}

const TEXT = 'nom;âge\r\nHélène;41\r\nNoël Ñ;28\r\n';

describe('a text', () => {
  it.each([
    ['ASCII', utf8('a;b\n1;2\n'), 'a;b\n1;2\n'],
    ['UTF-8', utf8(`${TEXT}œ’€😀`), `${TEXT}œ’€😀`],
    ['UTF-8 with a mark', utf8(`\uFEFF${TEXT}`), TEXT],
    ['Windows-1252', latin1(TEXT), `Windows-1252: ${TEXT}`],
    ['Windows-1252 with typography', latin1('l\u0092\u009cuvre \u0096 10 \u0080 é'), 'Windows-1252: l’œuvre – 10 € é'],
    ['Windows-1252 that ends in an accent', latin1('a;b\ncaf\u00e9'), 'Windows-1252: a;b\ncafé'],
    ['UTF-16LE', utf16(TEXT, true), `UTF-16LE: ${TEXT}`],
    ['UTF-16BE', utf16(TEXT, false), `UTF-16BE: ${TEXT}`],
    ['UTF-16LE with a mark', utf16(`\uFEFF${TEXT}`, true), `UTF-16LE: ${TEXT}`],
    ['UTF-16BE with a mark', utf16(`\uFEFF${TEXT}`, false), `UTF-16BE: ${TEXT}`],
    ['nothing', utf8(''), ''],
    ['one byte', utf8('a'), 'a'],
    ['Mac Roman', latin1('H\u008el\u008fne'), '!encoding'],
    ['a code page of DOS', latin1('H\u0082l\u008ane'), '!encoding'],
    ['a code page of DOS, inside a word', latin1('Mar\u00a1a\n'), '!encoding'],
    ['a sign that is the euro in ISO-8859-15', latin1('10 \u00a4'), '!encoding'],
    ['another alphabet', latin1('\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2'), '!encoding'],
    ['a picture', latin1('\u0089PNG\r\n\u001a\n\u0000'), '!encoding'],
    ['half a character of UTF-16', utf16(TEXT, true).subarray(1, 8), '!encoding'],
  ])('in %s is read the same, wherever its chunks are cut', (_title, bytes, text) => {
    expect(decode([bytes])).toBe(text);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).toBe(text);
    expect(decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(text);
  });

  it('is refused where UTF-8 and Windows-1252 are mixed, whichever comes first', () => {
    const mixed = [
      [utf8('Hélène\n'), latin1('Hélène\n')],
      [latin1('Hélène\n'), utf8('Hélène\n')],
    ];
    for (const chunks of mixed) {
      expect(decode(chunks)).toBe('!encoding');
      expect(decode([Buffer.concat(chunks)])).toBe('!encoding');
    }
  });

  it('is read as it is declared, unless a mark says otherwise', () => {
    expect(decode([latin1('H\u008el\u008fne')], 'macintosh')).toBe('MACINTOSH: Hélène');
    expect(decode([latin1('10 \u00a4')], 'ISO-8859-15')).toBe('ISO-8859-15: 10 €');
    expect(decode([latin1('café')], 'latin1')).toBe('LATIN1: café');
    expect(decode([utf16('café', false)], 'utf-16')).toBe('UTF-16BE: café');
    expect(decode([utf8('\uFEFFcafé')], 'windows-1252')).toBe('café');
    expect(decode([latin1('café')], 'UTF-8')).toBe('!encoding');
    expect(decode([utf8('café')], 'klingon')).toBe('!encoding');
  });
});

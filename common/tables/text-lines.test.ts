import { describe, expect, it } from 'vitest';
import { createLineReader } from './text-lines.ts';

describe('lines of text', () => {
  it('are given without their LF, and without the text of those that are too long', () => {
    const reader = createLineReader(3);
    expect([...reader.push('\uFEFFabc\n\nabcd\nx\r\ny'), ...reader.end()]).toEqual([
      { line: 1, text: 'abc' },
      { line: 2, text: '' },
      { line: 3, text: undefined },
      { line: 4, text: 'x\r' },
      { line: 5, text: 'y' },
    ]);
  });

  it('are reported once, at once, if they are too long', () => {
    const reader = createLineReader(3);
    expect(['abc', 'd', 'abcd', 'abcd\nab', 'c\n'].map((text) => reader.push(text))).toEqual([
      [],
      [{ line: 1, text: undefined }],
      [],
      [],
      [{ line: 2, text: 'abc' }],
    ]);
    expect(reader.end()).toEqual([]);
  });

  it('keep a byte order mark that is not the first character', () => {
    const reader = createLineReader(3);
    expect(['', '\uFEFF', 'a\n', '\uFEFFb\n'].flatMap((text) => reader.push(text))).toEqual([
      { line: 1, text: 'a' },
      { line: 2, text: '\uFEFFb' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { createNdjsonReader } from './ndjson.ts';
import type { SourceRow } from './source-row.ts';

/** A row in few words: '1: {"a":1}', or "1: !json" for a refusal. */
function brief(row: SourceRow): string {
  return 'violations' in row
    ? `${row.line}: !${row.violations.map(({ rule }) => rule).join('+')}`
    : `${row.line}: ${JSON.stringify(row.value)}`;
}

function read(chunks: readonly string[]): string[] {
  const reader = createNdjsonReader({ maxLineLength: 10 });
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()].map(brief);
}

describe('lines of JSON', () => {
  it.each([
    ['', []],
    ['{"a":1}', ['1: {"a":1}']],
    ['{"a":1}\n[2]\r\n3\n', ['1: {"a":1}', '2: [2]', '3: 3']],
    ['\uFEFF1\n\n \r\n2\n\n', ['1: 1', '4: 2']],
    ['1\n{"a":\n2\nnope\n', ['1: 1', '2: !json', '3: 2', '4: !json']],
    ['1 2\n3', ['1: !json', '2: 3']],
    ['"a\u2028b"\n1', ['1: "a\u2028b"', '2: 1']],
    ['1234567890\n1\n', ['1: 1234567890', '2: 1']],
    ['12345678901\n1\n', ['1: !length', '2: 1']],
    ['1\n12345678901234567890', ['1: 1', '2: !length']],
    [`1\n${' '.repeat(11)}\n2`, ['1: 1', '2: !length', '3: 2']],
  ])('%j, wherever the chunks are cut', (text, rows) => {
    for (let cut = 0; cut <= text.length; cut++) {
      expect(read([text.slice(0, cut), text.slice(cut)])).toEqual(rows);
    }
    expect(read([...text])).toEqual(rows);
  });

  it('are given as soon as they are whole', () => {
    const reader = createNdjsonReader();
    const rows = [reader.push('1\n2'), reader.push('3\n'), reader.end()];
    expect(rows.map((batch) => batch.map(brief))).toEqual([['1: 1'], ['2: 23'], []]);
  });

  it('are refused as soon as they exceed 64 Ki characters', () => {
    const reader = createNdjsonReader();
    const chunk = ' '.repeat(32_768);
    const rows = [chunk, chunk, ' ', chunk, '1\n2\n'].map((text) => reader.push(text).map(brief));
    expect(rows).toEqual([[], [], ['1: !length'], [], ['2: 2']]);
  });
});

import { describe, expect, it } from 'vitest';
import { attrition } from '../test/contracts.ts';
import { createCellReader } from './cells.ts';
import { createCsvRecordReader } from './csv-records.ts';
import { createNdjsonReader } from './ndjson.ts';
import { readRows, rowsOfArray } from './source-row.ts';

/** The chunks, and how many of them were taken. */
function chunksOf(...texts: string[]) {
  const counter = { taken: 0 };
  async function* chunks() {
    for (const text of texts) {
      counter.taken++;
      yield text;
    }
  }
  return { counter, chunks: chunks() };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('readRows', () => {
  it('gives the rows that each chunk completes, and never an empty batch', async () => {
    const { chunks } = chunksOf('1\n2', '', '3', '\n4\n5');
    expect(await collect(readRows(createNdjsonReader(), chunks))).toEqual([
      [{ line: 1, value: 1 }],
      [
        { line: 2, value: 23 },
        { line: 3, value: 4 },
      ],
      [{ line: 4, value: 5 }],
    ]);
  });

  it('takes no chunk after a fatal row', async () => {
    const { chunks, counter } = chunksOf('age,', 'shoe_size\n41,42', '\n', '42,43\n');
    const reader = createCsvRecordReader(createCellReader(attrition));
    const batches = await collect(readRows(reader, chunks));
    expect(batches).toMatchObject([[{ line: 1, fatal: true }]]);
    expect(counter.taken).toBe(2);
  });
});

describe('rowsOfArray', () => {
  it('counts from one', () => {
    expect(rowsOfArray(['a', null])).toEqual([
      { line: 1, value: 'a' },
      { line: 2, value: null },
    ]);
  });
});

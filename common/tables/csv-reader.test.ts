import { describe, expect, it } from 'vitest';
import { createCsvReader } from './csv-reader.ts';
import type { TableItem } from './table.ts';

type Options = { maxRowLength?: number };

function readChunks(chunks: readonly string[], options?: Options): TableItem[] {
  const reader = createCsvReader(options);
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
}

const readText = (text: string, options?: Options) => readChunks([text], options);

/** An item in few words: "2: a|b" for a row, "2: !quote" for a refusal, "!!" where it is fatal. */
function brief(item: TableItem): string {
  if ('names' in item) return `${item.line}: ${item.names.join('|')}`;
  if ('cells' in item) return `${item.line}: ${item.cells.join('|')}`;
  return `${item.line}: ${'fatal' in item ? '!!' : '!'}${item.violations.map(({ rule }) => rule).join('+')}`;
}

const briefly = (text: string, options?: Options) => readText(text, options).map(brief);

describe('a well-formed file', () => {
  it.each([
    ['LF', 'a,b\n1,2\n', ['1: a|b', '2: 1|2']],
    ['CRLF', 'a,b\r\n1,2\r\n', ['1: a|b', '2: 1|2']],
    ['CR', 'a,b\r1,2\r3,4', ['1: a|b', '2: 1|2', '3: 3|4']],
    ['no end of line at the end', 'a,b\n1,2', ['1: a|b', '2: 1|2']],
    ['an empty last cell at the end', 'a,b\n1,', ['1: a|b', '2: 1|']],
    ['a byte order mark', '\uFEFFa,b\n1,2', ['1: a|b', '2: 1|2']],
    ['blank lines', '\n \na,b\n\n1,2\n\r\n\t\n3,4\n\n', ['3: a|b', '5: 1|2', '8: 3|4']],
    ['a blank line of a single column, which is not ""', 'a\n\n""\n1', ['1: a', '3: ', '4: 1']],
    [
      'rows of blank cells, whatever their width',
      'a,b,c\n,,\n\u00a0, ,\t\n""," ",""\n,\n1,,\n,,,,\n',
      ['1: a|b|c', '6: 1||'],
    ],
    ['quotes', 'a,b\n"1,5","say ""hi"""\n"",x', ['1: a|b', '2: 1,5|say "hi"', '3: |x']],
    ['quoted line breaks', 'a,b\n"x\ny\r\nz",1\n2,"\r"\n3,4', ['1: a|b', '2: x\ny\r\nz|1', '5: 2|\r', '7: 3|4']],
    ['a quoted line break in the header', '"a\nb",c\n1,2', ['1: a\nb|c', '3: 1|2']],
    ['spaces, which belong to a cell', 'a,b\n 1 , 2', ['1: a|b', '2:  1 | 2']],
    ['a header in another Unicode form', ' e\u0301ge ,b\n1,2', ['1: \u00e9ge|b', '2: 1|2']],
    ['a header alone', 'a,b', ['1: a|b']],
  ])('with %s', (_title, text, items) => {
    expect(briefly(text)).toEqual(items);
  });

  it.each([
    ['a semicolon', 'a;b;c\n1,5;2;3', ['1: a|b|c', '2: 1,5|2|3']],
    ['a tab', 'a\tb\n1\t2,3', ['1: a|b', '2: 1|2,3']],
    ['a comma, not what stands in quotes', '"x;y;z",b\n1,2', ['1: x;y;z|b', '2: 1|2']],
    ['the most frequent one', 'a,1;b;c\n1;2;3', ['1: a,1|b|c', '2: 1|2|3']],
    ['a comma where a semicolon is as frequent', 'a,b;c\n1;2,3', ['1: a|b;c', '2: 1;2|3']],
    ['the header’s, not that of the lines before it', '\t\t\t\n\na;b\n1;2', ['3: a|b', '4: 1|2']],
  ])('delimited by %s', (_title, text, items) => {
    expect(briefly(text)).toEqual(items);
  });
});

describe('a malformed file', () => {
  it.each([
    ['', ['1: !!header']],
    ['\n \n', ['1: !!header']],
    ['a,,b,\n1,2,3,4', ['1: !!header']],
    ['a,b, a\n1,2,3', ['1: !!given-once']],
    ['a,a,,b,b\n', ['1: !!header+given-once+given-once']],
    ['a,b\n1\n1,2\n1,2,3\n4,5', ['1: a|b', '2: !cell-count', '3: 1|2', '4: !cell-count', '5: 4|5']],
    ['a,b\n1,2\n3,"4\n5,6\n', ['1: a|b', '2: 1|2', '3: !!quote']],
    ['a,b\n"1\n2",3\n"4\n","5', ['1: a|b', '2: 1\n2|3', '5: !!quote']],
    ['a,b\n1,"2"x\n3,4', ['1: a|b', '2: !!quote']],
    ['a,b\n1,"2" \n3,4', ['1: a|b', '2: !!quote']],
    ['a,b\n1, "2"\n3,4', ['1: a|b', '2: !!quote']],
    ['a,b\n1,5" disk\n3,4', ['1: a|b', '2: !!quote']],
    ['a"b,c\n1,2', ['1: !!quote']],
  ])('%j is %j', (text, items) => {
    expect(briefly(text)).toEqual(items);
  });

  it('says how many cells there are, and which columns have no name or the same one', () => {
    const messages = (text: string) =>
      readText(text).flatMap((item) => ('violations' in item ? item.violations.map(({ message }) => message.en) : []));
    expect(messages('a,b\n1')).toEqual(['The header names 2 columns; this row has 1.']);
    expect(messages('a,,c,\n')).toEqual(['Some columns have no name (2, 4).']);
    expect(messages(`a${','.repeat(12)}\n`)).toEqual([
      'Some columns have no name (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …).',
    ]);
    expect(messages('a,b,a\n')).toEqual(['Several columns are named "a".']);
  });

  it('gives nothing after a fatal row', () => {
    const reader = createCsvReader();
    expect(reader.push('a,a\n1,2\n').map(brief)).toEqual(['1: !!given-once']);
    expect([...reader.push('3,4\n'), ...reader.end()]).toEqual([]);
  });
});

describe('a row that is too long', () => {
  const limit = { maxRowLength: 10 };
  it.each([
    ['fits', 'a,b\n1234,67890\n1,2', ['1: a|b', '2: 1234|67890', '3: 1|2']],
    ['fits between two CRLF', 'a,b\r\n1234,67890\r\n1,2', ['1: a|b', '2: 1234|67890', '3: 1|2']],
    ['fits with its quotes', 'a,b\n"""","\r\n"\r\n1,2', ['1: a|b', '2: "|\r\n', '4: 1|2']],
    ['is one character longer', 'a,b\n1234,678901\n1,2', ['1: a|b', '2: !!length']],
    ['has an unclosed quote', 'a,b\n1,2\n3,"4\n5,6\n7,8\n9,10\n', ['1: a|b', '2: 1|2', '3: !!length']],
    ['is what follows a misplaced quote in the header', 'a"b,c\n1,2\n3,4\n', ['1: !!quote']],
    ['is the header', 'abcdefgh,ijk\n1,2', ['1: !!length']],
  ])('%s', (_title, text, items) => {
    expect(briefly(text, limit)).toEqual(items);
  });

  it('is not kept in memory: it is refused as soon as it exceeds 64 Ki characters', () => {
    const reader = createCsvReader();
    reader.push('a,b\n1,"');
    const chunk = 'x'.repeat(32_766);
    expect([chunk, chunk, 'x', 'x'].map((text) => reader.push(text).map(brief))).toEqual([[], [], [], ['2: !!length']]);
    const header = createCsvReader();
    expect([chunk, chunk, 'xxxx', 'x'].map((text) => header.push(text).map(brief))).toEqual([
      [],
      [],
      [],
      ['1: !!length'],
    ]);
  });
});

describe('wherever the chunks are cut', () => {
  const texts = [
    '\uFEFFa;b\r\n1;"x\r\ny"\r\n"say ""hi""";2\r\n\r\n3;4\r\n',
    'a,b\r1,2\r"3\r\n""",4',
    'a,b\n1,2\n3,"4"5\n6,7',
    'a,b\n1\n"2\n',
    'a,b\n\uFEFF1,\uFEFF2\n',
  ];
  it.each(texts)('%j gives the same rows', (text) => {
    const whole = readText(text);
    for (let cut = 0; cut <= text.length; cut++) {
      expect(readChunks([text.slice(0, cut), text.slice(cut)])).toEqual(whole);
    }
    expect(readChunks([...text])).toEqual(whole);
  });

  it('any text gives the same rows, well-formed or not, within the limit or not', () => {
    const random = seededRandom(1);
    for (let i = 0; i < 3000; i++) {
      const length = Math.floor(random() * 24);
      const text = Array.from({ length }, () => pick(['a', 'b', ',', ';', '"', '"', '\r', '\n', ' '], random)).join('');
      for (const options of [{}, { maxRowLength: 7 }]) {
        const whole = readText(text, options);
        const cut = Math.floor(random() * length);
        expect(readChunks([text.slice(0, cut), text.slice(cut)], options), JSON.stringify(text)).toEqual(whole);
        expect(readChunks([...text], options), JSON.stringify(text)).toEqual(whole);
      }
    }
  });
});

describe('what a writer wrote', () => {
  it('is read back, with the line of every row', () => {
    const random = seededRandom(2);
    for (let i = 0; i < 500; i++) {
      const { text, items } = randomFile(random);
      expect(readText(text), JSON.stringify(text)).toEqual(items);
      const cuts = [random(), random()].map((part) => Math.floor(part * text.length)).sort((a, b) => a - b);
      const chunks = [0, ...cuts].map((start, n) => text.slice(start, cuts[n] ?? text.length));
      expect(readChunks(chunks), JSON.stringify(chunks)).toEqual(items);
    }
  });
});

/** A file of random cells, and the rows that a reader must read from it. */
function randomFile(random: () => number): { text: string; items: TableItem[] } {
  const delimiter = pick([',', ';', '\t'], random);
  const newline = pick(['\n', '\r\n', '\r'], random);
  const names = ['a', 'b', 'c'].slice(0, 2 + Math.floor(random() * 2));
  let text = names.join(delimiter) + newline;
  const items: TableItem[] = [{ line: 1, names, delimiter }];
  let line = 2;
  for (let row = Math.floor(random() * 6); row > 0; row--) {
    const parts = names.map(() => Array.from({ length: Math.floor(random() * 5) }, () => pick(PIECES, random)));
    const cells = parts.map((pieces) => pieces.join(''));
    const written = cells.map((cell) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
    text += written.join(delimiter) + newline;
    if (cells.some((cell) => cell.trim() !== '')) items.push({ line, cells });
    line += 1 + parts.flat().filter((piece) => piece === '\n').length;
  }
  return { text, items };
}

const PIECES = ['x', 'é', '1', ' ', '"', ',', ';', '\t', '\n'];

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Numbers in [0, 1) that are the same in every run (a linear congruential generator, with the constants of Numerical Recipes). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

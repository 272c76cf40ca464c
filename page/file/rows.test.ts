import { describe, expect, it } from 'vitest';
import { attrition } from '../../common/test/contracts.ts';
import { outputView } from '../outputs/views.ts';
import { arrange, type Filter, matches, type Order, type Row, summarise } from './rows.ts';

const view = outputView(attrition.output);
const note = { fields: ['age'], message: { fr: 'Trop jeune.', en: 'Too young.' } };

function predicted(line: number, probability: number, { identifier = line, risk = 'low', notes = 0 } = {}): Row {
  const result = { id: `id-${line}`, label: 'stays', probability, threshold: 0.5, risk };
  return { line, file: 'a.csv', identifier, notes: Array(notes).fill(note), status: 'predicted', record: {}, result };
}
const refused = (line: number): Row => ({ line, file: 'a.csv', identifier: null, notes: [note], status: 'refused' });
const ready = (line: number): Row => ({ line, file: 'a.csv', identifier: 5, notes: [], status: 'ready', record: {} });

const rows = [
  predicted(2, 0.5, { risk: 'high', identifier: 30 }),
  refused(3),
  predicted(4, 0.1, { identifier: 10, notes: 2 }),
  predicted(5, 0.5, { risk: 'high', identifier: 20 }),
  ready(6),
];

const lines = (filter: Filter, order: Order) => arrange(rows, filter, order, view).map(({ line }) => line);

describe('arrange', () => {
  it.each<[Order, number[]]>([
    [{ column: 'line', descending: false }, [2, 3, 4, 5, 6]],
    [{ column: 'line', descending: true }, [6, 5, 4, 3, 2]],
    [{ column: 'probability', descending: false }, [4, 2, 5, 3, 6]],
    [{ column: 'probability', descending: true }, [2, 5, 4, 3, 6]],
    [{ column: 'risk', descending: true }, [2, 5, 4, 3, 6]],
    [{ column: 'identifier', descending: false }, [6, 4, 5, 2, 3]],
    [{ column: 'notes', descending: true }, [4, 3, 2, 5, 6]],
  ])('orders by %o, what lacks a value last, equals as in the file', (order, expected) => {
    expect(lines({ show: 'all' }, order)).toEqual(expected);
  });

  it.each<[Filter, number[]]>([
    [{ group: 'high' }, [2, 5]],
    [{ group: 'moderate' }, []],
    [{ show: 'refused' }, [3]],
    [{ show: 'warned' }, [4]],
    [{ show: 'unanswered' }, [6]],
  ])('keeps of %o what matches', (filter, expected) => {
    expect(lines(filter, { column: 'line', descending: false })).toEqual(expected);
  });

  it('leaves the rows themselves as they are', () => {
    const before = [...rows];
    arrange(rows, { show: 'all' }, { column: 'probability', descending: true }, view);
    expect(rows).toEqual(before);
  });
});

describe('summarise', () => {
  it('counts what matches each filter', () => {
    const summary = summarise(rows, view);
    expect(summary).toMatchObject({
      total: 5,
      predicted: 3,
      refused: 1,
      ready: 1,
      warned: 1,
      groups: new Map([
        ['high', 2],
        ['low', 1],
      ]),
      outcomes: [{ probability: 0.5 }, { probability: 0.1 }, { probability: 0.5 }],
    });
    const high = rows.filter((row) => matches(row, { group: 'high' }, view));
    expect(high).toHaveLength(summary.groups.get('high') ?? -1);
  });
});

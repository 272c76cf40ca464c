import { describe, expect, it } from 'vitest';
import { readScoringRequest, recordsOf } from './scoring-request.ts';

const NORTH = { hours: 1.5, seniority: 3, site: 'north' };
const SOUTH = { hours: 2.5, seniority: 4, site: 'south' };
const COLUMNS = Object.keys(NORTH);
const DATA = [Object.values(NORTH), Object.values(SOUTH)];
const BY_COLUMN = { hours: [1.5, 2.5], seniority: [3, 4], site: ['north', 'south'] };

/** The records of a body that must have some. */
function read(body: unknown): unknown[] {
  const table = readScoringRequest(body);
  if (!table.ok) throw new Error(table.message);
  return recordsOf(table);
}

describe('a body', () => {
  it.each([
    ['dataframe_split', { dataframe_split: { columns: COLUMNS, data: DATA } }],
    ['dataframe_split with its index', { dataframe_split: { columns: COLUMNS, index: ['a', 'b'], data: DATA } }],
    ['dataframe_records', { dataframe_records: [NORTH, SOUTH] }],
    ['instances', { instances: [NORTH, SOUTH] }],
    ['instances by column', { instances: BY_COLUMN }],
    ['inputs by column', { inputs: BY_COLUMN }],
    ['inputs by row', { inputs: [NORTH, SOUTH] }],
    ['a format beside params and what is no format', { inputs: BY_COLUMN, params: { a: 1 }, signature: 'serving' }],
  ])('gives its rows: %s', (_title, body) => {
    expect(read(body)).toEqual([NORTH, SOUTH]);
  });

  it.each([
    ['one value for each column', { inputs: NORTH }, [NORTH]],
    ['a frame without rows', { dataframe_split: { columns: COLUMNS, data: [] } }, []],
    ['empty columns', { inputs: { hours: [], site: [] } }, []],
    ['an empty frame', { dataframe_split: { columns: [], data: [[]] } }, [{}]],
    [
      'records with other fields each',
      { dataframe_records: [{ hours: 1 }, { site: null }] },
      [{ hours: 1 }, { site: null }],
    ],
  ])('may hold %s', (_title, body, records) => {
    expect(read(body)).toEqual(records);
  });

  it('keeps a column of any name', () => {
    const body = '{"dataframe_split":{"columns":["__proto__","constructor"],"data":[[1,2]]}}';
    expect(read(JSON.parse(body)).map((record) => Object.entries(Object(record)))).toEqual([
      [
        ['__proto__', 1],
        ['constructor', 2],
      ],
    ]);
  });
});

describe('a body is refused', () => {
  const EXACTLY_ONE = 'exactly one of: dataframe_split, dataframe_records, instances, inputs.';
  const split = (changes: object) => ({ dataframe_split: { columns: COLUMNS, data: DATA, ...changes } });

  it.each<[title: string, body: unknown, message: string]>([
    ['a list', [NORTH], EXACTLY_ONE],
    ['a number', 5, EXACTLY_ONE],
    ['null', null, EXACTLY_ONE],
    ['no format', { columns: COLUMNS, data: DATA }, EXACTLY_ONE],
    ['a format of its prototype', Object.create({ inputs: BY_COLUMN }), EXACTLY_ONE],
    ['two formats', { inputs: BY_COLUMN, instances: [NORTH] }, 'This one has: instances, inputs.'],
    ['a split that is a list', { dataframe_split: [NORTH] }, 'must be an object with "columns" and "data"'],
    ['a split that is null', { dataframe_split: null }, 'must be an object with "columns" and "data"'],
    [
      'a split without columns',
      split({ columns: undefined }),
      '"columns" of "dataframe_split" must be a list of names',
    ],
    ['columns by number', split({ columns: [0, 1, 2] }), '"columns" of "dataframe_split" must be a list of names'],
    ['a column given twice', split({ columns: ['site', 'hours', 'site'] }), 'has a name twice'],
    ['a split without data', split({ data: undefined }), '"data" of "dataframe_split" must be a list of rows'],
    ['a split with more', split({ dtypes: [] }), 'not "dtypes"'],
    [
      'a short row',
      split({ data: [DATA[0], [1.5]] }),
      'Row 1 of "dataframe_split" must be a list with one value for each of 3',
    ],
    ['a row that is an object', split({ data: [NORTH] }), 'Row 0 of "dataframe_split" must be a list'],
    [
      'a short index',
      split({ index: ['a'] }),
      '"index" of "dataframe_split" must be a list with one entry for each row',
    ],
    ['an index that is no list', split({ index: 'ab' }), '"index" of "dataframe_split"'],
    ['records that are an object', { dataframe_records: BY_COLUMN }, '"dataframe_records" must be a list'],
    ['no records', { dataframe_records: [] }, '"dataframe_records" has no rows.'],
    [
      'a record without names',
      { dataframe_records: [NORTH, DATA[1]] },
      'Row 1 of "dataframe_records" must be an object',
    ],
    ['an instance without names', { instances: DATA }, 'Row 0 of "instances" must be an object'],
    ['no instances', { instances: [] }, '"instances" has no rows.'],
    ['inputs without names', { inputs: DATA }, 'Row 0 of "inputs" must be an object'],
    ['inputs that are text', { inputs: 'north' }, '"inputs" must be a list'],
    ['no columns', { inputs: {} }, '"inputs" has no columns.'],
    ['uneven columns', { inputs: { ...BY_COLUMN, seniority: [3] } }, '"hours" and "seniority" are not.'],
    ['a value among columns', { inputs: { ...BY_COLUMN, seniority: 3 } }, '"hours" and "seniority" are not.'],
    ['columns after a value', { inputs: { seniority: 3, hours: [1.5] } }, '"seniority" and "hours" are not.'],
  ])('%s', (_title, body, message) => {
    expect(readScoringRequest(body)).toEqual({ ok: false, message: expect.stringContaining(message) });
  });
});

import { describe, expect, it } from 'vitest';
import { ErasureQuery, ExportQuery, PageQuery, readQuery } from './query.ts';

const read = (text: string) => readQuery(PageQuery, new URLSearchParams(text));
/** The rule of each parameter that is wrong. */
const rules = (text: string, schema: Parameters<typeof readQuery>[0] = PageQuery) => {
  const reading = readQuery(schema, new URLSearchParams(text));
  return reading.ok ? [] : reading.violations.map(({ fields, rule }) => `${fields.join('+')}: ${rule}`);
};

describe('the query of the history', () => {
  it('asks for the newest 50 without parameters', () => {
    expect(read('')).toEqual({ ok: true, query: { limit: 50 } });
  });

  it('reads every parameter', () => {
    expect(
      read(
        'limit=200&cursor=abc&from=2026-01-31&to=2026-02-01T12:30:00%2B02:00&version=1.2.3&label=a&risk=b&identifier=000012&outcome=unknown&count=true&sort=probability',
      ),
    ).toEqual({
      ok: true,
      query: {
        limit: 200,
        cursor: 'abc',
        from: new Date('2026-01-31T00:00:00.000Z'),
        to: new Date('2026-02-01T10:30:00.000Z'),
        version: '1.2.3',
        label: 'a',
        risk: 'b',
        outcome: 'unknown',
        count: true,
        sort: 'probability',
        identifier: 12,
      },
    });
  });

  it.each([
    ['limit=0', 'limit: limit'],
    ['limit=201', 'limit: limit'],
    ['limit=1e2', 'limit: limit'],
    ['limit=', 'limit: limit'],
    ['from=2026-02-29', 'from: time'],
    ['to=2026-01-31T12:00:00', 'to: time'],
    ['from=2026-01-31T12:00:00+02:00', 'from: time'],
    ['from=0000-01-01', 'from: time'],
    ['to=9999-12-31T23:59:59-23:00', 'to: time'],
    ['version=1.2', 'version: version'],
    [`version=${'1'.repeat(200)}.0.0`, 'version: version'],
    ['label=', 'label: text'],
    ['label=a%00b', 'label: text'],
    [`risk=${'x'.repeat(201)}`, 'risk: text'],
    ['identifier=0', 'identifier: identifier'],
    ['identifier=-1', 'identifier: identifier'],
    ['identifier=E_12', 'identifier: identifier'],
    ['identifier=9007199254740992', 'identifier: identifier'],
    ['identifier=7%20or%201=1', 'identifier: identifier'],
    ['identifier=1.000', 'identifier: identifier'],
    ['identifier=', 'identifier: identifier'],
    ['from=2026-02-01&to=2026-02-01', 'from+to: order'],
    ['limit=1&limit=1', 'limit: given-once'],
    ['Limit=1', 'Limit: unknown-parameter'],
    ['__proto__=1', '__proto__: unknown-parameter'],
    ['constructor=1', 'constructor: unknown-parameter'],
  ])('refuses %s', (query, expected) => {
    expect(rules(query)).toEqual([expected]);
  });

  it.each(['12', '000012', '12.0', '12,0', 'E_12', 'E_0012.0', '\u00a012'])('finds the identifier %j', (text) => {
    expect(readQuery(PageQuery, [['identifier', text]], ['E_'])).toMatchObject({ ok: true, query: { identifier: 12 } });
  });

  it('shows nobody the largest number of the machine', () => {
    expect(JSON.stringify(read('identifier=0'))).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  it('names everything that is wrong at once, in both languages', () => {
    expect(rules('limit=x&from=y&order=asc&limit=2')).toEqual([
      'order: unknown-parameter',
      'limit: given-once',
      'from: time',
    ]);
    const reading = read('limit=x');
    expect(reading).toMatchObject({
      violations: [{ message: { fr: expect.stringContaining('de 1 à 200'), en: 'Must be an integer from 1 to 200.' } }],
    });
  });

  it('of an export has no pages', () => {
    expect(rules('label=a&limit=5&cursor=x', ExportQuery)).toEqual([
      'limit: unknown-parameter',
      'cursor: unknown-parameter',
    ]);
  });

  it('of an erasure needs the identifier, and takes nothing else', () => {
    expect(rules('', ErasureQuery)).toEqual(['identifier: required']);
    expect(rules('identifier=7&label=a', ErasureQuery)).toEqual(['label: unknown-parameter']);
    expect(rules('identifier=7', ErasureQuery)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { addressOf, parseRoute } from './route.ts';

describe('a route', () => {
  it.each([
    ['', { tab: '', rest: '', search: '' }],
    ['#file', { tab: 'file', rest: '', search: '' }],
    ['#history/01a2-b', { tab: 'history', rest: '01a2-b', search: '' }],
    ['#history/a%2Fb', { tab: 'history', rest: 'a/b', search: '' }],
    ['#history?risk=high&to=2026-01-31', { tab: 'history', rest: '', search: 'risk=high&to=2026-01-31' }],
    ['#history/a%3Fb', { tab: 'history', rest: 'a?b', search: '' }],
    ['#history/%', { tab: 'history', rest: '%', search: '' }],
  ])('is read from "%s"', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it('is read as it was written', () => {
    expect(addressOf('file')).toBe('#file');
    expect(addressOf('history', '', 'risk=high')).toBe('#history?risk=high');
    expect(parseRoute(addressOf('history', 'a/b c'))).toEqual({ tab: 'history', rest: 'a/b c', search: '' });
    expect(parseRoute(addressOf('history', 'a?b%41'))).toEqual({ tab: 'history', rest: 'a?b%41', search: '' });
  });
});

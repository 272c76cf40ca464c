import { describe, expect, it } from 'vitest';
import { addressOf, parseRoute } from './route.ts';

describe('a route', () => {
  it.each([
    ['', { tab: '', rest: '' }],
    ['#file', { tab: 'file', rest: '' }],
    ['#history/01a2-b', { tab: 'history', rest: '01a2-b' }],
    ['#history/a%2Fb', { tab: 'history', rest: 'a/b' }],
    ['#history/%', { tab: 'history', rest: '%' }],
  ])('is read from "%s"', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it('is read as it was written', () => {
    expect(addressOf('file')).toBe('#file');
    expect(parseRoute(addressOf('history', 'a/b c'))).toEqual({ tab: 'history', rest: 'a/b c' });
  });
});

import { describe, expect, it } from 'vitest';
import { zip } from './zip.ts';

describe('zip', () => {
  it('combines two lists item by item', () => {
    expect(zip([1, 2, 3], [0, '', 'c'], (a, b) => `${a}${b}`)).toEqual(['10', '2', '3c']);
    expect(zip([], [], () => 0)).toEqual([]);
  });

  it('refuses lists of different lengths', () => {
    expect(() => zip([1], [1, 2], () => 0)).toThrow('1 items have 2 answers');
    expect(() => zip([1, 2], [1], () => 0)).toThrow('2 items have 1 answers');
  });
});

import { SourceMap } from 'node:module';
import { describe, expect, it } from 'vitest';
import { selfTimes } from './cpu-profile.ts';

const frame = (functionName: string, url = 'file:///index.js', lineNumber = 0) => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
});

const profile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)', '') },
    { id: 2, callFrame: frame('parse') },
    { id: 3, callFrame: frame('parse') },
    { id: 4, callFrame: frame('wasm-function[12]', 'wasm://1') },
    { id: 5, callFrame: frame('wasm-function[13]', 'wasm://1') },
    { id: 6, callFrame: frame('(garbage collector)', '') },
  ],
  samples: [1, 2, 3, 4, 5, 6],
  timeDeltas: [90_000, 2000, 1000, 3000, 2000, 2000],
};

describe('the self times', () => {
  it('of a function in several places of the stack are one, and waiting is none', () => {
    expect(selfTimes(profile, null)).toEqual([
      { name: '(WebAssembly)', place: '', selfMs: 5, share: 0.5 },
      { name: 'parse', place: 'bundle:1', selfMs: 3, share: 0.3 },
      { name: '(garbage collector)', place: '(native)', selfMs: 2, share: 0.2 },
    ]);
  });

  it('name the source where there is a map', () => {
    // One segment: generated 0:0 is line 4, column 0 of the only source.
    const map = new SourceMap({
      version: 3,
      file: 'index.js',
      sources: ['../../common/reader.ts'],
      sourcesContent: [''],
      names: [],
      mappings: 'AAIA',
      sourceRoot: '',
    });
    expect(selfTimes(profile, map).find(({ name }) => name === 'parse')?.place).toBe('common/reader.ts:5');
  });
});

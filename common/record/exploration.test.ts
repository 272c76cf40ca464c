import { describe, expect, it } from 'vitest';
import { readExploration } from './exploration.ts';

const read = (body: unknown) => readExploration(body, ['age', 'pay']);
/** The violations, as "fields rule". */
const faults = (body: unknown) => {
  const reading = read(body);
  return reading.ok ? [] : reading.violations.map(({ fields, rule }) => `${fields} ${rule}`);
};

describe('readExploration', () => {
  it.each([
    ['a record alone', { record: { age: 30 } }],
    ['one that may not be valid', { record: {} }],
    ['a field and its values', { record: {}, vary: { field: 'age', values: [1, '2', true] } }],
  ])('reads %s', (_title, body) => {
    expect(read(body)).toEqual({ ok: true, request: body });
  });

  it.each([
    ['no object', [], [' type']],
    ['no record', {}, ['record type']],
    ['a record that is none', { record: [] }, ['record type']],
    ['another field', { record: {}, more: 1 }, [' unknown-field']],
    ['an unknown feature', { record: {}, vary: { field: 'colour', values: [1] } }, ['vary.field category']],
    ['no values', { record: {}, vary: { field: 'age', values: [] } }, ['vary.values values']],
    ['too many', { record: {}, vary: { field: 'age', values: Array(201).fill(1) } }, ['vary.values values']],
    ['a value that is none', { record: {}, vary: { field: 'age', values: [1, {}] } }, ['vary.values.1 type']],
    ['values that are no list', { record: {}, vary: { field: 'age', values: 1 } }, ['vary.values values']],
  ])('refuses %s', (_title, body, expected) => {
    expect(faults(body)).toEqual(expected);
  });

  it('takes as many values as it says', () => {
    expect(read({ record: {}, vary: { field: 'pay', values: Array(200).fill(1) } }).ok).toBe(true);
  });
});

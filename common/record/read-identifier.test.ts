import { describe, expect, it } from 'vitest';
import { attrition, exampleRecord } from '../test/contracts.ts';
import { createIdentifierReader } from './read-identifier.ts';
import { createThoroughValidator, createValidator } from './validation.ts';

const read = createIdentifierReader(['E_', 'M-']);

describe('an identifier', () => {
  it.each([
    ['12', 12],
    ['000012', 12],
    ['E_12', 12],
    ['M-0012', 12],
    [' 12\u00a0', 12],
    ['\u200bE_12', 12],
    ['12.0', 12],
    ['12,0', 12],
    ['E_12.00', 12],
    ['1000.000', 1000],
    ['012.000', 12],
    ['1e+05', 100_000],
  ])('%j is %j', (text, number) => {
    expect(read(text)).toBe(number);
  });

  it.each([
    ...[
      '',
      'E_',
      '12.5',
      '12.',
      '.0',
      '1.000',
      '12,000',
      '-1',
      '+1',
      '1 234',
      '1e5',
      '1E+05',
      '1e-05',
      'e_12',
      'E_E_1',
    ],
    ...['9007199254740991.4', '9007199254740993', '0', '12.0.0', '0x12', 12, null, true],
  ])('is not %j', (value) => {
    expect(read(value)).toBeUndefined();
  });

  it.each(['12.0', 'E_12.0', '000012,0', '12'])('%j is accepted by every validator', (text) => {
    const record = { ...exampleRecord(), id_employee: text };
    for (const validate of [createValidator(attrition), createThoroughValidator(attrition)])
      expect(validate(record)).toMatchObject({ ok: true, identifier: 12 });
  });

  it.each(['1.000', '9'.repeat(20), '0', 'F_1'])('%j is refused, and shown', (text) => {
    expect(createValidator(attrition)({ ...exampleRecord(), id_employee: text })).toMatchObject({
      ok: false,
      violations: [{ rule: 'type', message: { en: `Must be a positive integer. Received: "${text}".` } }],
    });
  });
});

import { describe, expect, it } from 'vitest';
import { createRecordSchema } from '../../api/openapi-record.ts';
import { parseInferRequest } from '../../protocols/open-inference/infer-request.ts';
import { describeModel } from '../../protocols/open-inference/metadata.ts';
import { readRecords } from '../../protocols/open-inference/records.ts';
import { Refusal } from '../../protocols/open-inference/refusal.ts';
import { createMatrixLayout } from '../../record/tensors.ts';
import { createValidator } from '../../record/validation.ts';
import { createCheckedCellReader } from '../../tables/cells.ts';
import { flags, flagsJson } from '../../test/contracts.ts';
import { Contract } from '../contract.ts';
import { featureKind } from './features.ts';

const validate = createValidator(flags);
const names = flags.features.map(({ name }) => name);
const RIGHT = { running: true, checked: true, rented: true, insured: true };

/** The value that `checked` reads; or the rule that the value breaks. */
function readJson(value: unknown) {
  const validation = validate({ ...RIGHT, checked: value });
  return validation.ok ? validation.values[1] : validation.violations.map(({ fields, rule }) => [...fields, rule]);
}

/** The same of the text of a cell, in a row in which nothing is quoted, and in its cells. */
function readCell(text: string) {
  const reading = createCheckedCellReader(flags, validate)(names);
  if (!reading.ok) throw new Error('the header was refused');
  const cells = ['1', text, '1', '1'];
  const validation = reading.readUnquoted?.(cells.join(';'), ';') ?? reading.read(cells);
  expect(validation).toEqual(reading.read(cells));
  return validation.ok ? validation.values[1] : validation.violations.map(({ fields, rule }) => [...fields, rule]);
}

describe('a boolean', () => {
  it.each([
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    ['true', true],
    ['TRUE', true],
    ['Vrai', true],
    ['VRAI', true],
    [' oui ', true],
    ['yes', true],
    ['1', true],
    ['false', false],
    ['FAUX', false],
    ['Non', false],
    ['no', false],
    ['0', false],
    ['ok', true],
    ['ko', false],
    [9, true],
  ])('of %j in JSON is %j', (value, expected) => {
    expect(readJson(value)).toBe(expected);
  });

  it.each([null, 2, -1, 0.5, Number.NaN, '', ' ', 'maybe', 'OK', 'tru', [], [true], {}, '2'])(
    'is not %j in JSON',
    (value) => {
      expect(readJson(value)).toEqual([['checked', 'type']]);
    },
  );

  it.each([
    ['TRUE', true],
    ['VRAI', true],
    ['vrai', true],
    ['1', true],
    ['ok', true],
    ['FALSE', false],
    ['FAUX', false],
    ['Faux', false],
    ['0', false],
    ['ko', false],
  ])('of the cell %j is %j', (text, expected) => {
    expect(readCell(text)).toBe(expected);
  });

  it('is refused with what it can be, in both languages', () => {
    const validation = validate({ ...RIGHT, checked: 'peut-être' });
    expect(validation.ok ? [] : validation.violations.map(({ message }) => message)).toEqual([
      { fr: 'Doit être true ou false (ok, 9, ko).', en: 'Must be true or false (ok, 9, ko).' },
    ]);
  });

  it('that is blank in a cell is missing, and not false', () => {
    expect(readCell('')).toEqual([['checked', 'required']]);
    expect(readCell(' ')).toEqual([['checked', 'required']]);
  });

  it('enters the graph as the type that each input has', () => {
    expect(
      createMatrixLayout(flags)([
        [true, true, true, true],
        [false, false, false, false],
      ]),
    ).toEqual([
      { name: 'bool', type: 'bool', dims: [2, 1], data: Uint8Array.of(1, 0) },
      { name: 'int64', type: 'int64', dims: [2, 1], data: BigInt64Array.of(1n, 0n) },
      { name: 'float32', type: 'float32', dims: [2, 1], data: Float32Array.of(1, 0) },
      { name: 'string', type: 'string', dims: [2, 1], data: ['Oui', 'Non'] },
    ]);
  });

  it.each([null, 1, 'true'])('that is %j enters no graph', (value) => {
    for (const at of names.keys()) {
      const values = [true, true, true, true].map((it, i) => (i === at ? value : it));
      expect(() => createMatrixLayout(flags)([values])).toThrow(TypeError);
    }
  });

  it('is a BOOL tensor, and also taken as numbers, as text and as the input of the graph', () => {
    expect(describeModel(flags, []).inputs.map(({ datatype }) => datatype)).toEqual(['BOOL', 'BOOL', 'BOOL', 'BOOL']);
    const request = parseInferRequest({
      inputs: [
        { name: 'running', datatype: 'BOOL', shape: [2], data: [true, false] },
        { name: 'int64', datatype: 'INT64', shape: [2, 1], data: [1, 0] },
        { name: 'rented', datatype: 'FP64', shape: [2], data: [1, 0] },
        { name: 'string', datatype: 'BYTES', shape: [2, 1], data: ['Oui', 'Non'] },
      ],
    });
    if (request instanceof Refusal) throw new Error(request.reason);
    const records = readRecords(request, new Uint8Array(), flags, () => null);
    if (records instanceof Refusal) throw new Error(records.reason);
    const read = records.map((record) => validate(record));
    expect(read.map((it) => it.ok && it.values)).toEqual([
      [true, true, true, true],
      [false, false, false, false],
    ]);
  });

  it('is a boolean in the OpenAPI document, with its words and other spellings', () => {
    expect(createRecordSchema(flags)['properties']).toMatchObject({
      checked: { type: 'boolean', description: expect.stringContaining('`true` (Yes), `false` (No).') },
      insured: { type: 'boolean', description: expect.stringContaining('`Oui` for `true`') },
    });
  });

  it('is counted under the name of its value', () => {
    const [first] = flags.features;
    const kind = first && featureKind(first);
    expect([true, false, null].map((value) => kind?.binOf(value))).toEqual(['true', 'false', null]);
  });

  it('has no spelling for both of its values', () => {
    const contract = JSON.parse(flagsJson);
    contract.features[1].values.false.aliases.push('ok');
    expect(Contract.safeParse(contract).error?.issues.map(({ message }) => message)).toEqual([
      'feature "checked" spells both of its values "ok"',
    ]);
  });
});

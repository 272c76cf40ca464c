import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../contract/contract.ts';
import { createCellReader, createCheckedCellReader } from '../tables/cells.ts';
import { attrition } from '../test/contracts.ts';
import { oddContract, oddFields } from '../test/odd-records.ts';
import { createFastReader } from './fast-validation.ts';
import { createThoroughValidator } from './validation.ts';

/** Fixed, so that a failure can be repeated; change it to look elsewhere. */
const SEED = 20_261_123;
const RUNS = 2000;
/** For a machine that is busy with other things. */
const TIMEOUT_MS = 30_000;

const { identifier: _, ...anonymous } = oddContract;
const contracts: [string, Contract][] = [
  ['the published contract', attrition],
  ['one with all that a contract may say', oddContract],
  ['one with no identifier and no rules', { ...anonymous, rules: [] }],
];

/** Objects with the same own fields: what else they have must not matter. */
const forms: ((fields: ReadonlyMap<string, unknown>) => Record<string, unknown>)[] = [
  (fields) => Object.fromEntries(fields),
  (fields) => define(Object.create(null), fields),
  (fields) => define(Object.create({ ...attrition.examples[0]?.input, shoe_size: 42 }), fields),
  (fields) => Object.defineProperty(Object.fromEntries(fields), 'age', { enumerable: false }),
  (fields) => Object.defineProperty(Object.fromEntries(fields), 'shoe_size', { value: 42, enumerable: false }),
];

function define(object: Record<string, unknown>, fields: ReadonlyMap<string, unknown>): Record<string, unknown> {
  // Not by assignment, which takes "__proto__" for something else.
  for (const [name, value] of fields) Object.defineProperty(object, name, { value, enumerable: true });
  return object;
}

describe.each(contracts)('the fast reader of %s', (_title, contract) => {
  const readFast = createFastReader(contract);
  const validate = createThoroughValidator(contract);

  it('takes what the request schema takes, as it does, and nothing else', { timeout: TIMEOUT_MS }, () => {
    const seen = { read: 0, leftToSchema: 0, refused: 0 };
    fc.assert(
      fc.property(oddFields(contract), fc.constantFrom(...forms), (fields, form) => {
        const record = form(fields);
        const good = readFast(record, Object.keys(record));
        const expected = validate(record);
        if (good) expect(good).toEqual(expected);
        seen[good ? 'read' : expected.ok ? 'leftToSchema' : 'refused']++;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // It is worth its while, and the records are odd enough.
    expect(seen.read).toBeGreaterThan(seen.leftToSchema * 10);
    expect(seen.refused).toBeGreaterThan(RUNS / 4);
  });

  it('takes rows as the request schema takes the records that they are', { timeout: TIMEOUT_MS }, () => {
    const explain = (record: unknown) => validate(Object(record));
    const [readHeader, readChecked] = [createCellReader(contract, explain), createCheckedCellReader(contract, explain)];
    const seen = { accepted: 0, readWhole: 0 };
    fc.assert(
      fc.property(oddFields(contract), fc.constantFrom(',', ';', '\t'), (fields, separator) => {
        const [names, cells] = [[...fields.keys()], [...fields.values()].map(toCell)];
        const [reading, checked] = [readHeader(names, separator), readChecked(names, separator)];
        if (!reading.ok || !checked.ok) {
          expect(checked).toEqual(reading);
          return;
        }
        const validation = checked.read(cells);
        expect(validation).toEqual(validate(reading.read(cells)));
        if (validation.ok) seen.accepted++;
        if (cells.some((cell) => cell.includes(separator))) return;
        const whole = checked.readUnquoted?.(cells.join(separator), separator);
        if (whole === undefined) return;
        expect(whole).toEqual(validation);
        seen.readWhole++;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(seen.accepted).toBeGreaterThan(RUNS / 10);
    expect(seen.readWhole).toBeGreaterThan(seen.accepted * 0.9);
  });

  it('takes no row of another width than its header: values may stand under other names', {
    timeout: TIMEOUT_MS,
  }, () => {
    const readChecked = createCheckedCellReader(contract, (record) => validate(Object(record)));
    let accepted = 0;
    fc.assert(
      fc.property(oddFields(contract), (fields) => {
        const cells = [...fields.values()].map(toCell);
        const checked = readChecked([...fields.keys()]);
        if (!checked.ok || cells.some((cell) => cell.includes(';'))) return;
        for (const row of [cells.slice(0, -1), [...cells, ''], [...cells, '1']])
          expect(checked.readUnquoted?.(row.join(';'), ';')).toBeUndefined();
        if (checked.readUnquoted?.(cells.join(';'), ';')) accepted++;
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(accepted).toBeGreaterThan(RUNS / 20);
  });
});

function toCell(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

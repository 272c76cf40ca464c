import { describe, expect, it } from 'vitest';
import { createThoroughValidator, createValidator } from '../../record/validation.ts';
import { createCheckedCellReader } from '../../tables/cells.ts';
import { attrition, exampleRecord } from '../../test/contracts.ts';
import type { Contract } from '../contract.ts';
import { CategoryFeature, categoryKind } from './category.ts';

const NAMES = attrition.features.map(({ name }) => name);

/** What a field of a record is read as by every reader, in JSON and in a cell; or the message of its refusal. */
function readEverywhere(name: string, value: string, contract: Contract = attrition) {
  const record = { ...exampleRecord(), [name]: value };
  const validate = createValidator(contract);
  const reading = createCheckedCellReader(contract, validate)(NAMES, ';');
  if (!reading.ok) throw new Error('the header was refused');
  const cells = NAMES.map((it) => String(Object.entries(record).find(([key]) => key === it)?.[1]));
  const validations = [
    validate(record),
    createThoroughValidator(contract)(record),
    reading.read(cells),
    reading.readUnquoted?.(cells.join(';'), ';') ?? reading.read(cells),
  ];
  const read = validations.map((it) => (it.ok ? it.values[NAMES.indexOf(name)] : it.violations[0]?.message.en));
  expect(new Set(read).size).toBe(1);
  return read[0];
}

describe('a category', () => {
  it.each([
    ['poste', 'Manager ', 'Manager'],
    ['poste', '\u00a0manager', 'Manager'],
    ['poste', 'Cadre\u00a0 commercial', 'Cadre Commercial'],
    ['poste', 'REPRE\u0301SENTANT COMMERCIAL', 'Représentant Commercial'],
    ['genre', 'F\u200b', 'F'],
    ['genre', ' m ', 'M'],
    ['heure_supplementaires', 'OUI', 'Oui'],
    ['heure_supplementaires', '\ufeffnon\t', 'Non'],
    ['domaine_etude', 'infra\u202f&  Cloud', 'Infra & Cloud'],
  ])('of %s is read from %j', (name, text, value) => {
    expect(readEverywhere(name, text)).toBe(value);
  });

  it.each([
    ['X', '"X"'],
    ['F.', '"F."'],
    ['Fe\u200bm\u00a0me', '"Fe\\u{200b}m\\u{a0}me"'],
    ['x'.repeat(40), `"${'x'.repeat(40)}"`],
    ['x'.repeat(41), `"${'x'.repeat(40)}…"`],
    ['😀'.repeat(60_000), `"${'😀'.repeat(40)}…"`],
  ])('that is none is shown in the message: %j', (text, shown) => {
    expect(readEverywhere('genre', text)).toBe(`Must be one of: F, M. Received: ${shown}.`);
  });

  it.each([
    [3, '3'],
    [true, 'true'],
    [['F'], '[…]'],
    [{ F: 1 }, '{…}'],
  ])('that is no text is shown, too: %j', (value, shown) => {
    expect(createValidator(attrition)({ ...exampleRecord(), genre: value })).toMatchObject({
      ok: false,
      violations: [{ message: { en: `Must be one of: F, M. Received: ${shown}.` } }],
    });
  });

  const spelled = (value: string, ...aliases: string[]) => ({ value, label: { fr: value, en: value }, aliases });
  const feature = (...categories: CategoryFeature['categories']): CategoryFeature =>
    CategoryFeature.parse({ name: 'size', type: 'category', label: { fr: 't', en: 's' }, group: 'g', categories });

  it('is itself where another one is spelled nearly so, and none where two are', () => {
    const kind = categoryKind(feature(spelled('m', 'medium'), spelled('M', 'Mega', 'MEDIUM')));
    const read = kind.createReader();
    for (const reader of [read, kind.canonicalise]) {
      expect(['m', 'M', 'medium', 'MEDIUM', 'mega', 'MEGA '].map(reader)).toEqual(['m', 'M', 'm', 'M', 'M', 'M']);
      expect([' m', 'M ', 'Medium', '', ' ', '\u200b'].map(reader)).toEqual(Array(6).fill(undefined));
    }
  });
});

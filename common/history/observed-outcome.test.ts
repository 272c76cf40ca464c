import { describe, expect, it } from 'vitest';
import { beforePrediction, isBeforePrediction, readOutcome } from './observed-outcome.ts';

const LABELS = ['leaves', 'stays'];
const TODAY = '2026-03-01';
const read = (body: unknown) => readOutcome(body, LABELS, TODAY);
const rules = (body: unknown) => {
  const reading = read(body);
  return reading.ok ? [] : reading.violations.map(({ fields, rule }) => `${fields.join('+')}: ${rule}`);
};

describe('an outcome', () => {
  it('is a label and a day, today at the latest', () => {
    const outcome = { label: 'stays', observedOn: TODAY };
    expect(read(outcome)).toEqual({ ok: true, outcome });
  });

  it.each([
    [{ label: 'stays', observedOn: '2026-03-02' }, ['observedOn: future']],
    [{ label: 'stays', observedOn: '2026-02-29' }, ['observedOn: date']],
    [{ label: 'stays', observedOn: '2026-02-28T12:00:00Z' }, ['observedOn: date']],
    [{ label: 'stays', observedOn: 'zzz' }, ['observedOn: date']],
    [{ label: 'stays', observedOn: 20260228 }, ['observedOn: date']],
    [{ label: 'Stays', observedOn: TODAY }, ['label: category']],
    [{ label: null, observedOn: TODAY }, ['label: category']],
    [{}, ['label: required', 'observedOn: required']],
    [{ label: 'stays', observedOn: TODAY, note: 'x' }, ['note: unknown-field']],
    [JSON.parse('{"label":"stays","observedOn":"2026-03-01","__proto__":1}'), ['__proto__: unknown-field']],
    [[{ label: 'stays', observedOn: TODAY }], [': type']],
    [null, [': type']],
    ['stays', [': type']],
  ])('is not %j', (body, expected) => {
    expect(rules(body)).toEqual(expected);
  });

  it('names the labels that there are', () => {
    expect(read({ label: 'x', observedOn: TODAY })).toMatchObject({
      violations: [{ message: { en: 'Must be one of: leaves, stays.' } }],
    });
  });

  it('may be observed on the day of the prediction, and not before', () => {
    const createdAt = '2026-02-10T23:59:59.999Z';
    const on = (observedOn: string) => isBeforePrediction({ label: 'stays', observedOn }, createdAt);
    expect([on('2026-02-09'), on('2026-02-10'), on('2026-02-11')]).toEqual([true, false, false]);
    expect(beforePrediction(createdAt).message.en).toContain('2026-02-10');
  });
});

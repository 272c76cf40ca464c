import { describe, expect, it } from 'vitest';
import { ActivePointer, rollbackTargets, wasActive } from './active-pointer.ts';

/** A history from a text such as "1 2 <1": activations, and rollbacks marked by "<", and versions withdrawn, by "-". */
function history(text: string): ActivePointer[] {
  return text.split(' ').map((word, i) =>
    ActivePointer.parse({
      name: 'm',
      version: word.replace(/^[<-]/, ''),
      contractSha256: 'a'.repeat(64),
      graphSha256: 'b'.repeat(64),
      action: word.startsWith('<') ? 'rollback' : word.startsWith('-') ? 'withdraw' : 'activate',
      activatedAt: new Date(i * 1000).toISOString(),
      activatedBy: 'test',
      reason: '',
      from: null,
    }),
  );
}

describe('wasActive', () => {
  it.each([
    ['1 2', true],
    ['2 1 <2', true],
    ['2 -2', false],
    ['2 -2 2', true],
    ['1', false],
  ])('of 2, after %s, is %s', (flips, expected) => {
    expect(wasActive(history(flips), { name: 'm', version: '2' })).toBe(expected);
  });
});

describe('rollbackTargets', () => {
  it.each([
    ['1', ''],
    ['1 2', '1'],
    ['1 2 3', '2 1'],
    ['1 2 <1', ''],
    ['1 2 3 <2', '1'],
    ['1 2 3 <2 <1', ''],
    ['1 2 <1 3', '1'],
    ['1 2 <1 2', '1'],
    ['1 2 2', '1'],
    ['1 2 1', '2'],
    ['1 2 -2 3', '1'],
    ['1 -1 2', ''],
  ])('after %s are: %s', (flips, targets) => {
    expect(
      rollbackTargets(history(flips))
        .map(({ version }) => version)
        .join(' '),
    ).toBe(targets);
  });
});

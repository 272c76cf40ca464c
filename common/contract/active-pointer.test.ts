import { describe, expect, it } from 'vitest';
import {
  ActivePointer,
  isActive,
  rollbackTargets,
  servedVersions,
  servingSince,
  wasActive,
  withdrawalOf,
} from './active-pointer.ts';

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
    ['2 2 -2', false],
    ['2 -2 -2 2', true],
  ])('of 2, after %s, is %s', (flips, expected) => {
    expect(wasActive(history(flips), { name: 'm', version: '2' })).toBe(expected);
  });
});

describe('a pointer', () => {
  const [old] = history('2');
  if (!old) throw new Error('the history has a flip');
  const id = (version: string) => ({ name: 'm', version });
  const withdrawn = [
    { ...id('1'), withdrawnAt: '2026-01-01T00:00:00.000Z', withdrawnBy: 'a reviewer', reason: 'it discriminates' },
  ];

  it('of before there were lists allows its own version alone', () => {
    expect(servedVersions(old)).toEqual([id('2')]);
    expect(withdrawalOf(old, id('2'))).toBeNull();
  });

  it('allows those that it names, once each, and none that was withdrawn', () => {
    const pointer = ActivePointer.parse({ ...old, alsoServing: [id('1'), id('3'), id('2'), id('3')], withdrawn });
    expect(servedVersions(pointer)).toEqual([id('2'), id('3')]);
    expect(withdrawalOf(pointer, id('1'))).toEqual(withdrawn[0]);
    expect(servedVersions({ ...pointer, action: 'withdraw' })).toEqual([id('3'), id('2')]);
  });

  it('activates nothing that it withdraws', () => {
    const pointer = ActivePointer.parse({ ...old, version: '1', withdrawn });
    expect([isActive(pointer, id('1')), servedVersions(pointer)]).toEqual([false, []]);
  });
});

describe('servingSince', () => {
  it.each([
    ['1 2 2 2', 1],
    ['1 2 1', 2],
    ['2 -2 -2', null],
    ['2 -2 2', 2],
  ])('after %s is flip %s', (flips, index) => {
    const all = history(flips);
    expect(servingSince(all)).toBe(index === null ? null : all[index]);
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

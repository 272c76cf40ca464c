import { describe, expect, it } from 'vitest';
import { ActivePointer, rollbackTargets } from './active-pointer.ts';

/** A history from a text such as "1 2 <1": activations, and rollbacks marked by "<". */
function history(text: string): ActivePointer[] {
  return text.split(' ').map((word, i) =>
    ActivePointer.parse({
      name: 'm',
      version: word.replace('<', ''),
      contractSha256: 'a'.repeat(64),
      graphSha256: 'b'.repeat(64),
      action: word.startsWith('<') ? 'rollback' : 'activate',
      activatedAt: new Date(i * 1000).toISOString(),
      activatedBy: 'test',
      reason: '',
      from: null,
    }),
  );
}

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
    ['1 2 1', '2 1'],
  ])('after %s are: %s', (flips, targets) => {
    expect(
      rollbackTargets(history(flips))
        .map(({ version }) => version)
        .join(' '),
    ).toBe(targets);
  });
});

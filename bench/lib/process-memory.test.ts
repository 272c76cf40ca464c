import { describe, expect, it } from 'vitest';
import { UserError } from '../../scripts/lib/cli.ts';
import { checkHeld, summarise } from './process-memory.ts';

const MIB = 1024 * 1024;
const reportOf = (samples: number[]) => summarise(samples.map((mib) => mib * MIB));
const before = reportOf([180, 300, 200, 310]);

describe('the memory that a process holds', () => {
  it('is what is left of garbage at the end, of which there may be any amount', () => {
    expect(summarise([20, 15, 90, 30, 95, 25, 80, 28])).toEqual({ peak: 95, held: 28 });
    checkHeld(before, reportOf([210, 400, 220, 420, 270, 430, 374, 440]), 64 * MIB);
  });

  it('is refused from the limit on, in words', () => {
    const tooMuch = () => checkHeld(before, reportOf([210, 250, 300, 290, 400, 290, 375, 380]), 64 * MIB);
    expect(tooMuch).toThrow(UserError);
    expect(tooMuch).toThrow(/held [\d.]+ MB before and [\d.]+ MB at the end: more than [\d.]+ MB were added\.$/);
  });
});

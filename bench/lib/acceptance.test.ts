import { describe, expect, it } from 'vitest';
import { acceptanceOf } from './acceptance.ts';
import { Results } from './results.ts';
import { load, madeUpResults } from './test-results.ts';

describe('the acceptance', () => {
  it('is met at the limits', () => {
    const results = madeUpResults({
      loads: [load('hono', 1, 0.1, 9000), load('worker', 1, 0.2, 1), load('classic', 1, 4, 1)].concat(
        load('worker', 16, 1, 1000),
        load('classic', 16, 1, 50),
      ),
    });
    expect(acceptanceOf(results).map(({ isMet }) => isMet)).toEqual([true, true, true, true, true, true]);
  });

  it('is refused beyond them', () => {
    const over = { median: 10_000, min: 0, max: 0 };
    const made = madeUpResults();
    const results = madeUpResults({
      loads: [load('hono', 1, 0.1, 1), load('worker', 1, 0.21, 1), load('classic', 1, 4.1, 1)].concat(
        load('worker', 16, 1, 999),
        load('classic', 16, 1, 50),
      ),
      starts: made.starts.map((start) => ({ ...start, firstMs: over, listeningMs: over })),
      csv: made.csv && { ...made.csv, workerMs: over },
    });
    expect(acceptanceOf(results).map(({ isMet }) => isMet)).toEqual([false, false, false, false, false, false]);
  });

  it('holds the CSV against the faster way to run the graph', () => {
    const made = madeUpResults();
    const whole = { median: 60, min: 60, max: 60 };
    const results = madeUpResults({
      csv: made.csv && { ...made.csv, publishedMs: { ...made.csv.publishedMs, atOnce: whole } },
    });
    expect(acceptanceOf(results).at(-1)).toMatchObject({ found: '2.00 ×', isMet: false });
  });

  it('does not judge what was not measured', () => {
    const found = acceptanceOf(madeUpResults({ loads: [], starts: [], csv: null }));
    expect(found.map(({ isMet }) => isMet)).toEqual([null, null, null, null, null, null]);
    expect(found[0]?.found).toBe('not measured');
  });
});

describe('results', () => {
  it('are read as they are written', () => {
    const results = madeUpResults();
    expect(Results.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
  });

  it('with a figure missing are refused', () => {
    // What JSON makes of a median of nothing.
    const [first] = madeUpResults().loads;
    expect(Results.safeParse({ ...madeUpResults(), loads: [{ ...first, p50: null }] }).success).toBe(false);
  });
});

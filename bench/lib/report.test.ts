import { describe, expect, it } from 'vitest';
import { findLoss, plotOf, reportOf } from './report.ts';
import { madeUpResults } from './test-results.ts';

describe('the report', () => {
  const text = reportOf(madeUpResults());

  it('begins with the ratios, and says what was met', () => {
    expect(text).toContain('| This Worker | FastAPI, pickle, SQLAlchemy | 100 × | 133 × |');
    expect(text).toContain('| This Worker | Hono, constant answer | 0.50 × | 0.50 × |');
    expect(text.indexOf('## Ratios')).toBeLessThan(text.indexOf('## Acceptance'));
    expect(text.match(/\| pass \|/g)).toHaveLength(6);
  });

  it('shows the median with the lowest and the highest round', () => {
    expect(text).toContain('| This Worker | 1 row, 1 connection | 0.2 (0.18–0.22) |');
  });

  it('has no cell without a figure, and as many cells in a row as in its head', () => {
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    for (const table of text.split('\n\n').filter((part) => part.startsWith('|'))) {
      const widths = new Set(
        table
          .trim()
          .split('\n')
          .map((line) => line.split('|').length),
      );
      expect([...widths]).toHaveLength(1);
    }
  });

  it('says what failed, what was left out, and that a shortened run is one', () => {
    const made = madeUpResults();
    const partial = reportOf({
      ...made,
      isPartial: true,
      loads: made.loads.filter(({ subject }) => subject !== 'classic'),
      csv: made.csv && { ...made.csv, workerMs: { median: 900, min: 900, max: 900 } },
      skipped: [{ subject: 'classic', reason: 'there is no Postgres' }],
    });
    expect(partial).toContain('**A shortened run: not to be quoted.**');
    expect(partial).toContain('| 9.00 × | **fail** |');
    expect(partial).toContain('Not measured: FastAPI, pickle, SQLAlchemy: there is no Postgres.');
    expect(partial).toContain('| not measured | – |');
  });

  it('can be written of hardly anything', () => {
    const little = madeUpResults({ loads: [], starts: [], csv: null, recorded: null });
    expect(reportOf(little)).toContain('Not measured.');
    expect(plotOf(little)).toContain('<svg');
  });
});

it('a prediction that was answered and not stored, or stored and not answered, is a fault', () => {
  const loss = (recorded: { answered: number; stored: number } | null) => findLoss(madeUpResults({ recorded }));
  expect([loss(null), loss({ answered: 5000, stored: 5000 })]).toEqual([null, null]);
  expect(loss({ answered: 5000, stored: 4999 })).toContain(
    '5,000 predictions that the recording Worker answered, 4,999',
  );
  expect(loss({ answered: 4999, stored: 5000 })).not.toBeNull();
});

it('the plot shows each subject in both panels', () => {
  const svg = plotOf(madeUpResults());
  for (const title of ['Hono, constant answer', 'This Worker', 'FastAPI, pickle, SQLAlchemy'])
    expect(svg.split(`>${title}<`)).toHaveLength(3);
});

import { describe, expect, it } from 'vitest';
import { plot } from './plot.ts';

const bar = (label: string, median: number, isOurs = false) => ({
  label,
  isOurs,
  value: { median, min: median / 2, max: median * 2 },
});
const widths = (svg: string) => [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));

describe('the plot', () => {
  it('has a bar a subject, as long as its logarithm says', () => {
    const svg = plot('Latency', [{ title: 'p50', unit: 'ms', bars: [bar('a', 0.2, true), bar('b', 2), bar('c', 20)] }]);
    const [a = 0, b = 0, c = 0] = widths(svg);
    expect(b - a).toBeGreaterThan(0);
    expect(c - b).toBeCloseTo(b - a, 0);
    expect(svg).toContain('20 ms');
    expect(svg.match(/class="bar ours"/g)).toHaveLength(1);
  });

  it('keeps every bar within the picture, ranges and values too', () => {
    const svg = plot('Latency', [{ title: 'p50', unit: 'ms', bars: [bar('a', 1), bar('b', 99)] }]);
    for (const [, x] of svg.matchAll(/x(?:1|2)?="([\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(760);
    for (const width of widths(svg)) expect(width).toBeGreaterThan(0);
  });

  it('survives a single value at a power of ten, and escapes what it is told', () => {
    const value = { median: 1, min: 1, max: 1 };
    const svg = plot('A & "B"', [{ title: '<c>', unit: 'ms', bars: [{ label: 'x', value, isOurs: false }] }]);
    expect(svg).not.toContain('NaN');
    expect(svg).toContain('aria-label="A &amp; &quot;B&quot;"');
    expect(svg).toContain('&lt;c&gt;');
  });

  it('can be read in the dark', () => {
    expect(plot('x', [])).toContain('prefers-color-scheme: dark');
  });
});

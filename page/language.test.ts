import { describe, expect, it } from 'vitest';
import { formatDate, formatNumber, formatPercent, preferredLanguage } from './language.ts';

describe('preferredLanguage', () => {
  it.each([
    ['fr', ['fr-CA', 'en']],
    ['en', ['de', 'en-US', 'fr']],
    ['fr', ['de', 'FR']],
    ['en', ['de']],
    ['en', []],
  ])('is %s for %o', (expected, languages) => {
    expect(preferredLanguage(languages)).toBe(expected);
  });
});

it('writes numbers as the language does', () => {
  expect([formatPercent('en', 0.2416), formatPercent('en', 0.32, 0)]).toEqual(['24.2%', '32%']);
  expect(formatPercent('fr', 0.2416)).toMatch(/^24,2\s%$/);
  expect([formatNumber('en', 4350.5), formatNumber('fr', 0.1234)]).toEqual(['4,350.5', '0,123']);
});

it('writes a date as it is, wherever the reader is', () => {
  expect([formatDate('en', '2026-01-31'), formatDate('fr', '2026-01-31')]).toEqual(['31 Jan 2026', '31 janv. 2026']);
});

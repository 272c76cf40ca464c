import { describe, expect, it } from 'vitest';
import { type ApiKey, ApiKeys, formatKey, isExpired, keyIdOf } from './api-key.ts';

const SECRET = `${'aZ0_-'.repeat(8)}abc`;
const entry = (id: string): ApiKey => ({ id, sha256: 'a'.repeat(64), scopes: ['read'], expiresAt: null });

describe('keyIdOf', () => {
  it.each(['hr-app', 'a', '0', 'a'.repeat(40)])('finds the id %s in its key', (id) => {
    expect(keyIdOf(formatKey(id, SECRET))).toBe(id);
  });

  it.each([
    ['nothing', ''],
    ['a key that is cut off', formatKey('hr-app', SECRET).slice(0, -1)],
    ['a key with a character too many', `${formatKey('hr-app', SECRET)}a`],
    ['a line break at the end', `${formatKey('hr-app', SECRET)}\n`],
    ['another prefix', formatKey('hr-app', SECRET).replace('fk', 'sk')],
    ['no id', formatKey('', SECRET)],
    ['an id that is too long', formatKey('a'.repeat(41), SECRET)],
    ['an id in capitals', formatKey('HR', SECRET)],
    ['two keys', `${formatKey('hr-app', SECRET)}, ${formatKey('hr-app', SECRET)}`],
    ['a secret of other characters', formatKey('hr-app', `${SECRET.slice(1)}+`)],
  ])('refuses %s', (_title, key) => {
    expect(keyIdOf(key)).toBeNull();
  });
});

describe('ApiKeys', () => {
  it.each([
    ['an id twice', [entry('a'), entry('a')]],
    ['an id that no key can have', [entry('HR_app')]],
    ['a digest of another length', [{ ...entry('a'), sha256: 'abc' }]],
    ['no scope', [{ ...entry('a'), scopes: [] }]],
    ['an unknown scope', [{ ...entry('a'), scopes: ['root'] }]],
    ['a date without a time', [{ ...entry('a'), expiresAt: '2027-12-31' }]],
    ['no word about its expiry', [{ id: 'a', sha256: 'a'.repeat(64), scopes: ['read'] }]],
    ['a field that nobody reads', [{ ...entry('a'), key: 'fk_' }]],
  ])('refuses %s', (_title, keys) => {
    expect(ApiKeys.safeParse(keys).success).toBe(false);
  });

  it('takes none, and several', () => {
    expect(ApiKeys.parse([])).toEqual([]);
    expect(ApiKeys.parse([entry('a'), entry('b')])).toHaveLength(2);
  });
});

describe('isExpired', () => {
  const key = { ...entry('a'), expiresAt: '2026-01-31T12:00:00.000Z' };

  it.each([
    ['a millisecond before its expiry', '2026-01-31T11:59:59.999Z', false],
    ['at its expiry', '2026-01-31T12:00:00.000Z', true],
    ['after it', '2026-02-01T00:00:00.000Z', true],
  ])('says of a key %s: %s → %s', (_title, now, expired) => {
    expect(isExpired(key, new Date(now))).toBe(expired);
  });

  it('says of a key that never expires: not expired', () => {
    expect(isExpired(entry('a'), new Date(8.64e15))).toBe(false);
  });
});

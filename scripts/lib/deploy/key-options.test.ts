import { describe, expect, it } from 'vitest';
import { type KeyOptions, readKeyOptions } from './key-options.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const read = (options: KeyOptions) => readKeyOptions({ id: 'app', scopes: 'read', ...options }, NOW);

describe('readKeyOptions', () => {
  it.each<[title: string, options: KeyOptions, read: object]>([
    ['a year, by default', {}, { id: 'app', scopes: ['read'], expiresAt: '2027-11-23T10:00:00.000Z' }],
    ['days', { days: '1' }, { expiresAt: '2026-11-24T10:00:00.000Z' }],
    ['through the last day', { expires: '2027-12-31' }, { expiresAt: '2027-12-31T23:59:59.999Z' }],
    ['today', { expires: '2026-11-23' }, { expiresAt: '2026-11-23T23:59:59.999Z' }],
    ['for ever', { expires: 'never' }, { expiresAt: null }],
    ['scopes, in their order, once', { scopes: 'read, predict,read' }, { scopes: ['predict', 'read'] }],
  ])('reads %s', (_title, options, expected) => {
    expect(read(options)).toMatchObject(expected);
  });

  it.each<[title: string, said: string, options: KeyOptions]>([
    ['an id that cannot be one', '--id must be', { id: 'HR_app' }],
    ['no scopes', '--scopes must be', { scopes: '' }],
    ['an unknown scope', '--scopes must be', { scopes: 'read,root' }],
    ['a day that does not exist', '--expires must be', { expires: '2099-02-30' }],
    ['a time', '--expires must be', { expires: '2099-01-01T00:00' }],
    ['a day that is past', 'is past', { expires: '2026-11-22' }],
    ['no days', '--days must be', { days: '0' }],
    ['days that are none', '--days must be', { days: 'many' }],
    ['half a day', '--days must be', { days: '0.5' }],
    ['days and a day', 'not both', { days: '1', expires: 'never' }],
  ])('refuses %s', (_title, said, options) => {
    expect(() => read(options)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(said) }),
    );
  });
});

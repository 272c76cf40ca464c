import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../common/api/answers.ts';
import { tabsOf } from './tabs.ts';

const closed: Capabilities = {
  level: 'production',
  history: true,
  batch: { maxRows: 10, maxBytes: 10 },
  publicScopes: [],
  scopes: [],
};

describe('tabsOf', () => {
  it.each<[string, Partial<Capabilities>, string[]]>([
    ['nothing to who may do nothing', {}, []],
    [
      'everything to a key for everything',
      { scopes: ['predict', 'read'] },
      ['employee', 'file', 'history', 'dashboard'],
    ],
    ['what is public to everybody', { publicScopes: ['predict'] }, ['employee', 'file']],
    ['the form alone at the simple level', { level: 'simple', publicScopes: ['predict'] }, ['employee']],
    ['the history alone to who may read only', { scopes: ['read'] }, ['history', 'dashboard']],
    ['no history where there is none', { history: false, scopes: ['predict', 'read'] }, ['employee', 'file']],
  ])('shows %s', (_title, some, tabs) => {
    expect(tabsOf({ ...closed, ...some })).toEqual(tabs);
  });
});

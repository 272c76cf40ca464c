import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { GROUP } from './measure-csv.ts';

it('gives the graph groups as large as the Worker does', async () => {
  const source = await readFile('workers/make-predictions.ts', 'utf8');
  expect(source.match(/^export const GROUP = (\d+);$/m)?.[1]).toBe(String(GROUP));
});

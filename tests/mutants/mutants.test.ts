import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';

it.each(MUTANTS)('$file: $breaks', async ({ file, before, after, test }) => {
  const text = await readFile(file, 'utf8');
  expect(text.split(before).length - 1, `"${before}" in ${file}`).toBe(1);
  expect(after).not.toBe(before);
  expect(existsSync(test), test).toBe(true);
});
